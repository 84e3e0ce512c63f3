"""`trivium report`: what a finished run says, as a page, as text, printed, or as a site with all runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import console, echo, refuse_to_lose, say

REPORT_EXAMPLES = (
    "\b\nExamples:\n  trivium report runs/my-run --format md\n"
    "  trivium report runs/my-run --format pdf --out report.pdf\n"
    "  trivium report runs/my-run --format json | jq .verdict\n"
    "  trivium report runs/my-run --format csv > accuracy.csv\n"
    "  trivium report --site runs public"
)


class ReportForm(StrEnum):
    HTML = "html"
    MD = "md"
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a run, below runs/; with --site the folder with the runs.")],
    folder: Annotated[Path | None, typer.Argument(help="With --site: the folder to write.", show_default=False)] = None,
    format: Annotated[
        ReportForm, typer.Option(help="What to print; a PDF is written, by chromium, beside the run's other reports.")
    ] = ReportForm.MD,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of printing.")] = None,
    site: Annotated[
        bool, typer.Option("--site", help="Write a folder of pages: all runs, their reports, answers and comparison.")
    ] = False,
) -> None:
    """Print the report of a finished run, write it to a file, or make a site of all runs that needs no server."""
    if site:
        return _site(run, folder)
    if folder:
        raise TriviumError(
            f"{folder}: one folder too many. --site RUNS OUT writes a site; --out FILE writes one report."
        )
    if out:
        refuse_to_lose(out)
    _report(run, format, out)


def _report(run: Path, form: ReportForm, out: Path | None) -> None:
    from data.files import write_bytes, write_text
    from evaluation.report.render import render
    from evaluation.run.folder import RunFolder

    if form is ReportForm.PDF:
        from evaluation.report.pdf import browser, printed

        browser()  # says that there is none before the report is made
        path = out or run / "report.pdf"
        write_bytes(path, printed(render(RunFolder(run), "html")))
        return say(f"Written: {path}")
    text = render(RunFolder(run), form.value)
    if out:
        write_text(out, text)
    else:
        echo(text)


def _site(runs: Path, out: Path | None) -> None:
    from evaluation.cli.display import Display
    from evaluation.report.site import FIRST, write_site

    if out is None:
        raise TriviumError("--site needs two folders: that with the runs and that to write, as in --site runs public.")
    with Display(console) as display:
        made = write_site(runs, out, display)
    for name, why in made.left_out.items():
        say(f"Left out: {name}: {why}")
    say(f"{len(made.runs)} run{'' if len(made.runs) == 1 else 's'}: {out / FIRST}")
