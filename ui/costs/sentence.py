"""What costs least, in one sentence: the bill, or with prices of errors the bill and what the errors cost."""

from evaluation.cost.tables import assumed_share, demand
from evaluation.numbers import percent, price
from evaluation.results.costs import CostPage, CostRow
from evaluation.run.registry import candidates, label


def cheapest(page: CostPage) -> str:
    """Which method costs least; empty where none that can be chosen was run.

    A contestant is left out: what it takes to set up is not known.
    """
    rows = {name: page.methods[name] for name in candidates(page.methods)}
    rows = {name: row for name, row in rows.items() if row.fits and row.total is not None}
    if not rows:
        return ""
    if page.scenario.wrong_answer or page.scenario.no_answer:
        return _with_errors(page, rows)
    least = min(rows, key=lambda name: rows[name].total or 0.0)
    right = {name: row.per_correct for name, row in rows.items() if row.per_correct is not None}
    best = min(right, key=lambda name: right[name], default=least)
    text = f"For {demand(page)}, {label(least)} has the smallest bill: {_bill(page, rows[least])}"
    if best == least:
        return f"{text}, and the cheapest right answers: {price(1000 * right[best], page.currency)} per 1,000."
    answers = "" if rows[least].accuracy is None else f" and {percent(rows[least].accuracy)} right"
    cents = price(1000 * right[best], page.currency)
    return f"{text}{answers}. A right answer costs least with {label(best)}: {cents} per 1,000."


def _bill(page: CostPage, row: CostRow) -> str:
    assumed = f", {assumed_share(row)} of it assumed" if row.assumed else ""
    return f"{price(row.total, page.currency)}{assumed}"


def _with_errors(page: CostPage, rows: dict[str, CostRow]) -> str:
    """Expected loss decides where errors have a price."""
    best = min(rows, key=lambda name: rows[name].with_errors)
    row, asked = rows[best], page.scenario.queries
    errors = price((row.with_errors - row.amortised) * asked, page.currency)
    whole = price(row.with_errors * asked, page.currency)
    asked_for = f"With your prices of errors, for {demand(page)}"
    return f"{asked_for}, {label(best)} costs least: {whole}, {errors} of it for errors."
