"""`trivium drill` and `trivium study`: one thing is changed on top of a run, and every method is measured again."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.errors import Incapable, TriviumError
from evaluation.cli.terminal import console, say, show_table

if TYPE_CHECKING:
    from evaluation.cli.display import Display
    from evaluation.drills.bench import Bench
    from evaluation.drills.drill import Drill
    from evaluation.results.drill import DrillResults

DRILL_EXAMPLES = (
    "\b\nExamples:\n  trivium drill --list\n  trivium drill noise runs/my-run --smoke\n"
    "  trivium drill decoding runs/my-run --questions 100\n  trivium drill my_drill.py runs/my-run"
)
STUDY_EXAMPLES = (
    "\b\nExamples:\n  trivium study data/orrin_ferries --smoke\n  trivium study runs/my-run\n"
    "  trivium study runs/my-run --only noise,decoding --smoke"
)
Smoke = Annotated[bool, typer.Option("--smoke", help="Few questions and settings: minutes instead of hours.")]
Questions = Annotated[
    int | None, typer.Option(min=1, help="Questions of each setting [default: 20 with --smoke, else 200].")
]


def drill(
    name: Annotated[
        str | None, typer.Argument(help="A drill of --list, or the path of a .py file that holds one of your own.")
    ] = None,
    run: Annotated[Path | None, typer.Argument(help="Folder of a finished run, below runs/.")] = None,
    smoke: Smoke = False,
    questions: Questions = None,
    listed: Annotated[bool, typer.Option("--list", help="List the drills and what each asks.")] = False,
) -> None:
    """Change one thing on top of a run and measure every method again.

    The same command continues a drill that was stopped, and tells a finished one again.
    """
    if listed:
        return _list()
    if name is None or run is None:
        raise TriviumError(
            "trivium drill needs a drill and the folder of a run, as in: trivium drill noise runs/my-run"
        )
    _refuse_unfinished(run)
    from evaluation.drills.registry import drill_of

    _carry_out([drill_of(name)], run, smoke, questions, alone=True)


def study(
    place: Annotated[Path, typer.Argument(help="Folder of a finished run, or of a domain, which is run first.")],
    smoke: Smoke = False,
    questions: Questions = None,
    only: Annotated[str, typer.Option(help="Comma-separated drills [default: all].", show_default=False)] = "",
    out: Annotated[Path | None, typer.Option(help="With a domain: folder of its run.", show_default=False)] = None,
) -> None:
    """Carry out all drills and write one page, study.html, into the folder of the run.

    The same command continues a study that was stopped. What is measured already is not measured again.
    """
    from evaluation.drills.registry import drill_names, drill_of

    names = [name.strip() for name in only.split(",") if name.strip()] or drill_names()
    drills = [drill_of(name) for name in names]
    run = place if (place / "run.json").exists() else _run_first(place, smoke, out)
    _refuse_unfinished(run)
    _carry_out(drills, run, smoke, questions)


def _list() -> None:
    from evaluation.drills.registry import drill_names, drill_of
    from evaluation.table import make_table, text_columns

    rows = [[name, drill_of(name).question] for name in drill_names()]
    show_table(make_table("Drills", text_columns("name", "what it asks"), rows), titled=False)


def _run_first(domain: Path, smoke: bool, out: Path | None) -> Path:
    from evaluation.cli.run import begin
    from evaluation.run.registry import default_methods
    from model.weights import DEFAULT_MODEL

    chosen = {"methods": ",".join(default_methods()), "profile": "smoke" if smoke else "standard"}
    return begin(domain, chosen | {"model": DEFAULT_MODEL}, out=out)


def _refuse_unfinished(run: Path) -> None:
    from evaluation.run.folder import RunFolder

    if RunFolder(run).record()["status"] != "complete":
        raise TriviumError(f"{run}: the run is not finished. `trivium resume {run}` finishes it.")


def _carry_out(
    drills: "Sequence[Drill]", run: Path, smoke: bool, questions: int | None, alone: bool = False
) -> None:  # fmt: skip
    from data.lock import working_in
    from evaluation.cli.display import Display

    with working_in(run, "drill" if alone else "study"), Display(console) as display:
        display("loading the libraries and the model")
        from evaluation.drills.bench import Bench
        from evaluation.report.study import write_study

        bench = Bench(run, "smoke" if smoke else "full", display, questions)
        _predict(drills, bench, display)
        done = []
        for one in drills:
            if found := _one(one, bench, display):
                done.append(found)
                page = write_study(run, _order())  # what is there can be read while the rest is measured
        if not done:
            raise TriviumError(f"{run}: none of these drills measures anything on this run.")
        display("writing the report")
        _write_report(run)
    for results in done:
        _show(results, tables=alone)
    say(f"Study: {page}")


def _order() -> list[str]:
    from evaluation.drills.registry import BUILT_IN

    return list(BUILT_IN)


def _predict(drills: "Sequence[Drill]", bench: "Bench", display: "Display") -> None:
    """Say how long it will take before it starts."""
    from evaluation.drills.carry_out import LOADING_S, prediction
    from evaluation.numbers import duration

    total = 0.0
    for one in drills:
        try:
            seconds = prediction(one, bench)
        except Incapable:
            continue
        total += seconds
        if len(drills) > 1:
            display.note(f"{one.name}: about {duration(seconds)}")
    quiet = f" ({duration(total / bench.speed.busy)} on a quiet machine)" if total and bench.speed.busy > 1 else ""
    whole = duration(total + LOADING_S if total else 0.0)
    display.note(f"About {whole} in all{quiet}. What is measured is kept if it is stopped.")


def _one(drill: "Drill", bench: "Bench", display: "Display") -> "DrillResults | None":
    from evaluation.drills.carry_out import carry_out

    try:
        return carry_out(drill, bench)
    except Incapable as reason:
        display.scope = ""
        display.note(f"n/a: {reason}")
        return None


def _write_report(run: Path) -> None:
    from evaluation.report.render import write_reports
    from evaluation.results.file import read_results
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    write_reports(folder, read_results(folder))


def _show(results: "DrillResults", tables: bool) -> None:
    say(f"{results.title}: {results.question}", style="bold")
    for table in results.tables if tables else ():
        show_table(table.shown())
    for sentence in results.sentences:
        say(f"- {sentence}")
    for what, why in results.not_applicable.items():
        say(f"- n/a: {what}: {why}")
