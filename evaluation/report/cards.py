"""What the two methods in question cost: the bill, seconds for one question, and what comes before the first one."""

from collections.abc import Callable
from html import escape

from evaluation.cost.tables import assumed_share, demand, span_of
from evaluation.numbers import price, seconds, two_digits
from evaluation.printable import printable
from evaluation.results.schema import Results
from evaluation.run.registry import label

SHOWN = 2  # methods


def compared(results: Results) -> list[str]:
    """The recommended method and the next one; the first two where none is recommended."""
    verdict = results.verdict
    order = [verdict.recommended] if verdict.recommended else []
    order += [name for name in verdict.ranking if name not in order]
    return [name for name in order if name in results.methods][:SHOWN]


def cards(results: Results) -> str:
    """Three cards in HTML; empty where no method can be recommended."""
    names = compared(results)
    if not names:
        return ""
    page = results.costs
    shown: tuple[tuple[str, str, Callable[[str], tuple[str, str]]], ...] = (
        (span_of(page.scenario.months), f"everything included: {demand(page)}", lambda name: _bill(results, name)),
        ("one question alone", "the median, with everything loaded", lambda name: _alone(results, name)),
        ("to prepare", "before the first question: indexing, training, reading", lambda name: _before(results, name)),
    )
    body = ""
    for title, help_, figure in shown:
        lines = "".join(
            f"<dd><b>{escape(value)}</b> {escape(printable(label(name)))}{escape(more)}</dd>"
            for name in names
            for value, more in [figure(name)]
        )
        body += f'<div title="{escape(help_)}"><dt>{title[0].upper()}{title[1:]}</dt>{lines}</div>'
    return f'<dl class="cards">{body}</dl>'


def _bill(results: Results, name: str) -> tuple[str, str]:
    row = results.costs.methods.get(name)
    if row is None or row.total is None:
        return "n/a", ""
    assumed = f", {assumed_share(row)} of it assumed" if row.assumed else ""
    return price(row.total, results.costs.currency), assumed


def _alone(results: Results, name: str) -> tuple[str, str]:
    return _time(results.methods[name].latency_s.warm.p50), ""


def _before(results: Results, name: str) -> tuple[str, str]:
    return _time(results.methods[name].cost.prepare_s), ""


def _time(value: float | None) -> str:
    """Two digits: < 0.01 s, 0.14 s, 36 s, 12 min, 3.4 h."""
    if value is None or value < 90:
        return seconds(value)
    return f"{two_digits(value / 60):g} min" if value < 5400 else f"{two_digits(value / 3600):g} h"
