"""The study: all drills of a run on one page that can be forwarded, and as Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from data.errors import TriviumError
from data.files import together
from data.sealed import sealed_page
from evaluation.numbers import about, duration
from evaluation.report import drawing
from evaluation.report.drill_charts import curve_chart, in_words
from evaluation.report.sections import ReportSection
from evaluation.report.templating import allowed, environment, look, own_script
from evaluation.results.drill import DrillResults, drills_of
from evaluation.table import Table, make_table, text_columns

PAGES = ("study.html", "study.md")


@dataclass(frozen=True)
class ToldDrill:
    """A drill as the page tells it."""

    results: DrillResults
    tables: Sequence[Table]
    conditions: str


def told(results: DrillResults) -> ToldDrill:
    """A drill with its tables, and under which conditions it was measured."""
    known = [f"{key.replace('_', ' ')} {_value(value)}" for key, value in results.settings.items() if value is not None]
    conditions = (
        f"Size {results.size}: {', '.join(known)}; seed {results.seed}. It took {duration(results.actual_s)}, "
        f"predicted {duration(results.predicted_s)}{_quiet(results)}. File: drills/{results.name}.json."
    )
    return ToldDrill(results, [table.shown() for table in results.tables], conditions)


def _quiet(results: DrillResults) -> str:
    """The same on a quiet machine, where it was busy."""
    before, after = results.predicted_quiet_s, results.actual_quiet_s
    if before is None or after is None or results.actual_s < 1.1 * after:
        return ""
    return f"; on a quiet machine {duration(after)}, predicted {duration(before)}"


def _value(value: str | float) -> str:
    return about(value) if isinstance(value, float) and value >= 1000 else str(value)


def finding_table(drills: Sequence[DrillResults]) -> Table:
    """What each drill asked and its first sentence."""
    rows = [[one.title, one.size, one.sentences[0] if one.sentences else "n/a"] for one in drills]
    return make_table("Drills", text_columns("drill", "size", "first finding"), rows)


def drill_sections(run: Path) -> list[ReportSection]:
    """What the report of a run says of its drills; the rest is on the page of the study."""
    drills = list(drills_of(run))
    link = (PAGES[0], "All drills with tables and charts") if (run / PAGES[0]).exists() else None
    table = finding_table(drills)
    return [ReportSection(table.title, (table,), link=link)] if drills else []


def _charts(results: DrillResults) -> Iterator[tuple[Markup, str]]:
    for curve in results.curves:
        yield Markup(drawing.svg(drawing.plainly(curve_chart(curve)))), in_words(curve)


def _ordered(drills: Sequence[DrillResults], order: Sequence[str]) -> list[DrillResults]:
    known = {name: place for place, name in enumerate(order)}
    return sorted(drills, key=lambda one: (known.get(one.name, len(known)), one.name))


def _context(drills: Sequence[DrillResults]) -> dict[str, Any]:
    first, total = drills[0], sum(one.actual_s for one in drills)
    sizes = sorted({one.size for one in drills})
    return {
        "title": f"{first.domain}: what changes what is answered?",
        "subtitle": f"{first.model} on {first.device}, run {first.run}; {len(drills)} "
        f"drill{'' if len(drills) == 1 else 's'} ({' and '.join(sizes)}), {duration(total)} of measuring.",
        "drills": [told(one) for one in drills],
    }  # fmt: skip


def study_pages(drills: Sequence[DrillResults]) -> tuple[str, str]:
    """The page as HTML, which needs no network, and as Markdown."""
    context, scripts = _context(drills), [own_script()]
    page = environment().get_template("study.html.j2").render(
        context, charts={one.name: list(_charts(one)) for one in drills}, look=look(), scripts=scripts,
        allowed=allowed(scripts),
    )  # fmt: skip
    return page, environment().get_template("study.md.j2").render(context)


def write_study(run: Path, order: Sequence[str] = ()) -> Path:
    """study.html and study.md in the folder of a run, from all drills that lie there.

    Args:
        order: names of drills, in which they are told; the others follow.

    Raises:
        TriviumError: there is no drill.
    """
    drills = _ordered(list(drills_of(run)), order)
    if not drills:
        raise TriviumError(f"{run}: no drill was carried out there. `trivium study {run}` carries out all.")
    pages = study_pages(drills)
    with together() as files:
        for name, page in zip(PAGES, pages, strict=True):
            files.write_text(run / name, sealed_page(page))
    return run / PAGES[0]
