"""Right, unknown and wrong answers of each method as one bar, in HTML that needs no script: for the report and the app.

How it looks is in templates/outcomes.css. Each bar is told in words beside it, so that nothing depends on a colour.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from evaluation.numbers import percent, span
from evaluation.printable import printable
from evaluation.results.method import MethodResults
from evaluation.results.rates import Rate
from evaluation.results.schema import Results
from evaluation.run.registry import label

PARTS = ("right", "unknown", "wrong")
LOOK = Path(__file__).parent / "templates" / "outcomes.css"


def outcome_bars(results: Results) -> str:
    """One bar a method, most right answers first; the ceiling as a line behind them, the bare model last."""
    asked = {name: method for name, method in results.methods.items() if method.overall.scored}
    if not asked:
        return ""
    ceiling = next((name for name, method in asked.items() if method.context == "gold"), None)
    shown = [name for name in asked if name != ceiling]
    shown.sort(key=lambda name: (asked[name].kind == "yardstick", -(asked[name].overall.accuracy or 0.0)))
    sizes = {method.overall.scored for method in asked.values()}
    common = sizes.pop() if len(sizes) == 1 else None
    limit = asked[ceiling].overall.accuracy if ceiling else None
    weighted, taken = results.domain.weighted, results.verdict.recommended
    bars = "".join(_bar(name, asked[name], limit, common, weighted, name == taken) for name in shown)
    return f'<figure class="outcomes">{_legend(common, ceiling, limit)}{bars}</figure>'


def _legend(common: int | None, ceiling: str | None, limit: float | None) -> str:
    asked = f"Of {common:,} answerable questions" if common else "Of the answerable questions"
    keys = "".join(f'<span class="key"><i class="{part}"></i>{part}</span>' for part in PARTS)
    keys += '<span class="key"><i class="whisker"></i>95% interval of right</span>'
    if ceiling and limit is not None:
        keys += f'<span class="key"><i class="ceiling"></i>{_text(label(ceiling))}: {percent(limit)} right</span>'
    return f"<figcaption>{asked} {keys}</figcaption>"


def _bar(name: str, method: MethodResults, limit: float | None, common: int | None, weighted: bool, taken: bool) -> str:
    outcomes = method.overall.outcomes
    rates: dict[str, Rate] = {part: getattr(outcomes, part) for part in PARTS}
    parts = "".join(f'<i class="{part}" style="width:{_share(rate.rate)}"></i>' for part, rate in rates.items())
    right = rates["right"]
    if right.ci_low is not None and right.ci_high is not None:
        width = _share(right.ci_high - right.ci_low)
        parts += f'<i class="whisker" style="left:{_share(right.ci_low)};width:{width}"></i>'
    if limit is not None:
        parts += f'<i class="ceiling" style="left:{_share(limit)}"></i>'
    quiet = " yardstick" if method.kind == "yardstick" else ""
    shown = f"<b>{_text(label(name))}</b> <small>recommended</small>" if taken else _text(label(name))
    told = ", ".join(_told(method, common, weighted))
    interval = f"{percent(right.rate)} right, 95% interval {span(right.ci_low, right.ci_high)}"
    return (
        f'<div class="method{quiet}" title="{escape(interval)}"><span class="name">{shown}</span>'
        f'<span class="bar" aria-hidden="true">{parts}</span><span class="told">{told}</span></div>'
    )


def _told(method: MethodResults, common: int | None, weighted: bool) -> Iterator[str]:
    """Each outcome in words; counts, or shares where a traffic mix weighs them."""
    cell = method.overall
    counts = {"right": cell.correct, "unknown": cell.abstained, "wrong": cell.wrong}
    for part, count in counts.items():
        rate = getattr(cell.outcomes, part).rate
        value = percent(rate) if weighted else f"{count:,}" if common else f"{count:,} of {cell.scored:,}"
        yield f"<b>{value}</b> {part}"


def _share(rate: float | None) -> str:
    return f"{100 * (rate or 0.0):.2f}%"


def _text(text: str) -> str:
    return escape(printable(text))
