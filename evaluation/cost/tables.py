"""The tables of costs: one unit a column, two significant digits, what is assumed named beside it."""

from collections.abc import Sequence

from evaluation.numbers import about, percent, price
from evaluation.results.costs import CostPage, CostRow, Crossing
from evaluation.table import Column, Table, columns, make_table, text_columns

MILLION = 1_000_000
LONG = 100  # years; what pays off later than that practically never does
BILLED = {
    "machine": "this machine's seconds", "gpu": "operations on a rented GPU (projected)",
    "api": "tokens of a public service",
}  # fmt: skip


def span_of(months: int) -> str:
    return "first year" if months == 12 else f"{months} months" if months > 1 else "first month"


def demand(page: CostPage) -> str:
    """The volume that all figures of a page are for."""
    scenario = page.scenario
    changes = f" and {scenario.updates_per_month:g} changed documents a month" if scenario.updates_per_month else ""
    months = f"{scenario.months} months" if scenario.months > 1 else "1 month"
    return f"{scenario.queries_per_month:,.0f} questions a month{changes} over {months}"


def assumed_share(row: CostRow) -> str:
    """How much of a bill is assumed alone."""
    if row.assumed is None or row.total is None:
        return "n/a"
    return percent(row.assumed / row.total) if row.total else percent(0.0)


def cost_table(page: CostPage) -> Table:
    """One row a method, everything included."""
    priced = page.scenario.wrong_answer > 0 or page.scenario.no_answer > 0
    sources = {row.source for row in page.methods.values()}
    one_source = len(sources) == 1 and not page.unpriced and all(row.fits for row in page.methods.values())
    heads: Sequence[Column] = columns(
        "method",
        (span_of(page.scenario.months), f"everything included: {demand(page)}"),
        ("of it assumed", "share behind which no measurement stands: training wordings written by hand"),
        ("set-up", "before the first question: indexing, reading, training, writing training wordings"),
        ("a changed document", "taking in one: indexed, read or trained again"),
        ("a million questions", "computing alone"),
        ("1,000 right answers", "with their share of set-up, changes and storage"),
        ("95% interval", "of 1,000 right answers, from the interval of the share that is right"),
        *([("a question with its errors", "with what wrong answers and unknowns cost you")] if priced else []),
    )  # fmt: skip
    if not one_source:
        heads = (*heads, *text_columns("source"))
    rows = []
    for name, row in page.methods.items():
        cells = [name, *_cells(row, page.currency), *([price(row.with_errors, page.currency)] if priced else [])]
        rows.append(cells if one_source else [*cells, row.source if row.fits else "does not fit the window"])
    rows += [[name, *["n/a"] * (len(heads) - 2), reason] for name, reason in page.unpriced.items()]
    return make_table("What each method costs", tuple(heads), rows, _note(page, one_source and sources))


def _note(page: CostPage, sources: set[str] | bool) -> str:
    source = f" ({next(iter(sources))})" if isinstance(sources, set) else ""
    return (
        f"In {page.currency}, for {demand(page)}, billed by {BILLED[page.scenario.bill]}{source}. Right answers as in "
        "the run; each carries its share of everything."
    )


def _cells(row: CostRow, currency: str) -> list[str]:
    right = None if row.per_correct is None else 1000 * row.per_correct
    low, high = row.per_correct_ci or (None, None)
    end = "no bound" if high is None else price(1000 * high, currency)
    return [
        price(row.total, currency),
        assumed_share(row),
        price(row.fixed, currency),
        price(row.update, currency),
        price(MILLION * row.query, currency),
        price(right, currency),
        "n/a" if low is None else f"{price(1000 * low, currency)} to {end}",
    ]


def setup_table(page: CostPage) -> Table | None:
    """What is paid before the first question, part by part, the largest first; None in older runs."""
    rows = [
        [name, part.name, price(part.amount, page.currency), f"assumed: {part.detail}" if part.assumed else "measured"]
        for name, row in page.methods.items()
        for part in sorted(row.setup, key=lambda part: -part.amount)
    ]
    heads = (*text_columns("method", "set-up"), Column("amount"), *text_columns("from"))
    return make_table("What set-up consists of", heads, rows) if rows else None


def bills_table(page: CostPage) -> Table | None:
    """The same demand billed in each way; None where there is one, and in older runs."""
    if len(page.bills) < 2:
        return None
    names = [name for name in page.methods if any(name in bill.totals for bill in page.bills)]
    heads = columns("method", *(BILLED[bill.bill] for bill in page.bills))
    rows = [[name, *(price(bill.totals.get(name), page.currency) for bill in page.bills)] for name in names]
    return make_table("Three ways to be billed", heads, rows, f"In {page.currency}, for {demand(page)}.")


def crossings_table(page: CostPage) -> Table | None:
    """When the method of a row costs less than that of a column; None where there are fewer than two."""
    names = list(dict.fromkeys(name for row in page.break_even for name in (row.a, row.b)))
    cells: dict[tuple[str, str], str] = {}
    for row in page.break_even:
        cells[row.a, row.b], cells[row.b, row.a] = crossing_cells(row, page.scenario.queries_per_month)
    ordered = [name for name in page.methods if name in names]
    rows = [[name, *("" if other == name else cells[name, other] for other in ordered)] for name in ordered]
    note = "In questions. Read a row from its left: this method costs less than that of the column …"
    heads = columns("costs less", *(f"than {name}" for name in ordered))
    return make_table("Where costs cross", heads, rows, note) if rows else None


def crossing_cells(row: Crossing, a_month: float) -> tuple[str, str]:
    """For the method that is dearer to set up, and for the other."""
    if row.queries is None:
        return "never", "always"
    if row.queries == 0:
        return "always", "never"
    at = about(row.queries)
    if row.ci is None:
        return f"up to {at}", f"after {at}"
    if row.queries / a_month / 12 > LONG:
        return "practically never", "practically always"
    return f"after {at}", f"up to {at}"


def ownership_table(page: CostPage) -> Table:
    """Total cost after some months."""
    months = (1, 3, 6, 12, 24, 36)
    rows = [
        [name, *(price(row.totals[month - 1] if row.totals else None, page.currency) for month in months)]
        for name, row in page.methods.items()
    ]
    heads = columns("method", *(f"{month} months" if month > 1 else "1 month" for month in months))
    return make_table("Month by month", heads, rows, f"In {page.currency}, everything included.")
