"""A folder that any web server, or none, can show: all runs, each with its report and answers, and their comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from data.errors import TriviumError
from data.files import read_text, whole_folder, write_text
from data.progress import Progress, silent
from evaluation.report.comparison import against, outcomes_table
from evaluation.report.examples import answers_of
from evaluation.report.outcomes import outcome_bars
from evaluation.report.page import answers_page, page_and_links
from evaluation.report.templating import allowed, environment, look, own_script
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder

MARK = '<meta name="generator" content="Trivium site">'
FIRST, COMPARISON, ANSWERS, RUNS = "index.html", "compare.html", "answers.html", "runs"


@dataclass(frozen=True)
class Site:
    """What was written, and what was left out with the reason."""

    runs: tuple[str, ...]
    left_out: Mapping[str, str]


def runs_of(folder: Path) -> list[RunFolder]:
    """The runs in a folder, the newest first; a run's own folder is one run.

    Raises:
        TriviumError: there is none.
    """
    found = [folder / "run.json"] if (folder / "run.json").exists() else sorted(folder.glob("*/run.json"))
    if not found:
        raise TriviumError(f"{folder}: no run lies in it. Give the folder with the runs.")
    return [RunFolder(path.parent) for path in found]


def write_site(runs: Path, out: Path, progress: Progress = silent) -> Site:
    """Write the site; it takes the place of one that was written before.

    Raises:
        TriviumError: there is no run, none is finished, or something else lies at `out`.
    """
    folders = {run.path.resolve().name: run for run in runs_of(runs)}
    _refuse_what_is_no_site(out)
    finished, left_out = _read(folders)
    if not finished:
        raise TriviumError(f"{runs}: no run in it is finished. {next(iter(left_out.values()))}")
    with whole_folder(out) as site:
        for done, (name, results) in enumerate(finished.items()):
            progress("writing the site", done, len(finished))
            _write_run(site / RUNS / name, folders[name], results)
        write_text(site / COMPARISON, _compared(finished, folders))
        write_text(site / FIRST, _page("site.html.j2", runs=_listed(finished), left_out=left_out))
    progress("writing the site", len(finished), len(finished))
    return Site(tuple(finished), left_out)


def _refuse_what_is_no_site(out: Path) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    page = out / FIRST
    if not (out.is_dir() and page.exists() and MARK in read_text(page)[:2000]):
        raise TriviumError(
            f"{out}: something else than a site of Trivium lies there, which would be lost. Name a new folder."
        )


def _read(folders: Mapping[str, RunFolder]) -> tuple[dict[str, Results], dict[str, str]]:
    """Results of the finished runs, the newest first, and why the others are left out."""
    found: dict[str, Results] = {}
    left_out: dict[str, str] = {}
    for name, folder in folders.items():
        try:
            found[name] = read_results(folder)
        except TriviumError as error:
            left_out[name] = str(error)
    return dict(sorted(found.items(), key=lambda pair: pair[1].run.created, reverse=True)), left_out


def _write_run(place: Path, folder: RunFolder, results: Results) -> None:
    """Report and answers of a run; figures lead from one to the other."""
    place.mkdir(parents=True)
    held = answers_of(folder, results, largest=None)
    report, made = page_and_links(results, held, answers_at=ANSWERS, home=f"../../{FIRST}")
    write_text(place / FIRST, report)
    write_text(place / ANSWERS, answers_page(results, held, made, FIRST, f"../../{FIRST}"))


def _listed(finished: Mapping[str, Results]) -> list[dict[str, Any]]:
    return [
        {"name": name, "address": f"{RUNS}/{quote(name)}/{FIRST}", "results": results,
         "bars": Markup(outcome_bars(results))}
        for name, results in finished.items()
    ]  # fmt: skip


def _compared(finished: Mapping[str, Results], folders: Mapping[str, RunFolder]) -> str:
    """Runs of each domain against its first one."""
    by_domain = sorted(finished, key=lambda name: (finished[name].domain.name, finished[name].run.created))
    domains = []
    for domain, group in groupby(by_domain, key=lambda name: finished[name].domain.name):
        first, *others = group
        if others:
            of_domain = {name: finished[name] for name in (first, *others)}
            rows = [against(first, other, folders[first], folders[other]) for other in others]
            domains.append({"domain": domain, "first": first, "outcomes": outcomes_table(of_domain), "against": rows})
    return _page("compare.html.j2", domains=domains, address=_address)


def _address(run: str, question: str) -> str:
    """Of a question's answers in a run."""
    return f"{RUNS}/{quote(run)}/{ANSWERS}#q:{quote(question)}"


def _page(template: str, **context: Any) -> str:
    scripts: Sequence[Markup] = [own_script()]
    return environment().get_template(template).render(
        context, look=look(), scripts=scripts, allowed=allowed(scripts), mark=Markup(MARK), first=FIRST,
        comparison=COMPARISON,
    )  # fmt: skip
