"""The report as one HTML file that can be forwarded: charts and answers inside, no network, no script but its own."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from evaluation.report import drawing
from evaluation.report.cards import cards
from evaluation.report.charts import Drawn, ownership_chart, report_charts
from evaluation.report.examples import Examples
from evaluation.report.links import PLACE, AnswerLinks
from evaluation.report.methods_table import methods_table, yardsticks_table
from evaluation.report.outcomes import outcome_bars
from evaluation.report.sections import ReportSection, decision_sections, sections, subtitle, versions
from evaluation.report.templating import allowed, environment, look, own_script
from evaluation.results.schema import Results

OWNERSHIP = "ownership"  # the chart with sliders
NOTHING = Examples((), 0)


def html(results: Results, held: Examples = NOTHING, more: Sequence[ReportSection] = ()) -> str:
    """The report of a run as one file, with the answers that it is to hold, and more sections at its end."""
    return page_and_links(results, held, more=more)[0]


def page_and_links(
    results: Results, held: Examples, answers_at: str = "", home: str = "", more: Sequence[ReportSection] = ()
) -> tuple[str, list[str]]:
    """The report, and the places of answers that its figures lead to.

    Args:
        held: the answers that the page holds, or that stand at `answers_at`.
        answers_at: the file with the answers, where that is another one.
        home: the page of all runs, where there is one.
        more: sections that do not come from results.json.
    """
    links = AnswerLinks(answers_at)
    charts, scripts = _charts(results), [own_script(), *_live(results)]
    template = environment().get_template("report.html.j2")
    tables = [table for table in (methods_table(results), yardsticks_table(results)) if table]
    page = template.render(
        results=results, verdict=results.verdict, subtitle=subtitle(results), versions=versions(results),
        bars=Markup(outcome_bars(results)), cards=Markup(cards(results)),
        methods=tables, decision=decision_sections(results), sections=[*sections(results), *more], charts=charts,
        behind={reason.text: reason.behind for reason in results.verdict.why if reason.behind},
        links=links if held.asked else None, held=held, answers_at=answers_at, place=PLACE, home=home,
        look=look(), scripts=scripts, allowed=allowed(scripts), charts_of=partial(charts_of, names=list(charts)),
        owned=OWNERSHIP, failed=[check for check in results.audit.checks if check.passed is False],
    )  # fmt: skip
    return page, list(links.made)


def answers_page(results: Results, held: Examples, made: Iterable[str], report: str, home: str) -> str:
    """All answers of a run on a page of their own, for a site."""
    scripts = [own_script()]
    template = environment().get_template("page_of_answers.html.j2")
    return template.render(
        results=results, held=held, made=made, place=PLACE, report=report, home=home, look=look(), scripts=scripts,
        allowed=allowed(scripts),
    )  # fmt: skip


def _live(results: Results) -> list[Markup]:
    if not _owned(results):
        return []
    chart = ownership_chart(results.costs)
    return [Markup(drawing.drawing_library()), Markup(drawing.live(chart, OWNERSHIP))]


def _owned(results: Results) -> bool:
    """Whether there is a method whose costs add up over months."""
    return any(row.fits and row.totals for row in results.costs.methods.values())


def _charts(results: Results) -> dict[str, Any]:
    """SVG with words, by the names of the charts."""
    drawn = report_charts(results)
    if _owned(results):  # what is seen where scripts do not run
        drawn[OWNERSHIP] = Drawn(ownership_chart(results.costs), "Total cost of each method month by month.")
    return {name: (Markup(drawing.svg(drawing.plainly(one.chart))), one.told) for name, one in drawn.items()}


def charts_of(section: ReportSection, names: Sequence[str]) -> list[str]:
    """Which of the charts stand in a section: those that it names, or that begin as it says."""
    return [
        name
        for start in section.charts
        for name in names
        if name == start or (start[-1:] == "-" and name.startswith(start))
    ]
