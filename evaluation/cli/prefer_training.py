"""`trivium prefer --train` and `--reward`: learn from what was ranked, and tell what that changed."""

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
        from evaluation.results.preference import keep_change
        from finetune.preference import PreferenceSettings

        try:
            settings = PreferenceSettings.model_validate(dict(recipe))
        except ValidationError as error:
            raise TriviumError(f"--train: {jsonl.problem(error)}") from None
        found = tune_on_preferences(run, method, by, after, settings, held_out, display)
        keep_change(run, found)
        _write_reports(run)
    show_table(change_table(found))
    say(found.sentence)
    _told(run)


def reward(run: Path, method: str, by: str, best_of: int, temperature: float, seed: int, held_out: int) -> None:
    """Fit a reward model, tell how well it orders what it has not seen, and what best of n changes."""
    from data.lock import working_in
    from evaluation.cli.display import Display

    with working_in(run, "prefer"), Display(console) as display:
        display("loading the libraries")
        from evaluation.preferences.best_of import best_of as answer_best_of
        from evaluation.report.preferences import change_table
        from evaluation.results.preference import keep_change, keep_reward

        figures, change = answer_best_of(run, method, by, best_of, temperature, seed, held_out, display)
        keep_reward(run, figures)
        if change:
            keep_change(run, change)
        _write_reports(run)
    if change:
        show_table(change_table(change))
        say(change.sentence)
    say(figures.sentence)
    _told(run)


def _write_reports(run: Path) -> None:
    from evaluation.report.render import write_reports
    from evaluation.results.file import read_results
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    write_reports(folder, read_results(folder))


def _told(run: Path) -> None:
    from evaluation.results.preference import FILE

    say(f"Written: {run / FILE}, and the section Preferences of report.html and report.md.")
