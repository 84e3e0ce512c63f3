"""`trivium prefer --train`: tune a method on what was ranked, and tell what that changed."""

from collections.abc import Mapping
from pathlib import Path

from data.errors import TriviumError
from evaluation.cli.terminal import console, say, show_table


def tune(run: Path, method: str, by: str, after: str, recipe: Mapping[str, float], held_out: int) -> None:
    """Tune, measure, keep preferences.json, and write the reports anew."""
    from pydantic import ValidationError

    from data import jsonl
    from data.lock import working_in
    from evaluation.cli.display import Display

    with working_in(run, "prefer"), Display(console) as display:
        display("loading the libraries")
        from evaluation.preferences.training import tune_on_preferences
        from evaluation.report.preferences import change_table
        from evaluation.report.render import write_reports
        from evaluation.results.file import read_results
        from evaluation.results.preference import FILE, keep_change
        from evaluation.run.folder import RunFolder
        from finetune.preference import PreferenceSettings

        try:
            settings = PreferenceSettings.model_validate(dict(recipe))
        except ValidationError as error:
            raise TriviumError(f"--train: {jsonl.problem(error)}") from None
        found = tune_on_preferences(run, method, by, after, settings, held_out, display)
        keep_change(run, found)
        folder = RunFolder(run)
        write_reports(folder, read_results(folder))
    show_table(change_table(found))
    say(found.sentence)
    say(f"Written: {run / FILE}, and the section Preferences of report.html and report.md.")
