"""What is said of costs: what decides the bills, where they cross, why three ways of billing differ."""

from collections.abc import Iterator
from itertools import pairwise

from evaluation.cost.tables import BILLED, LONG, demand, span_of
from evaluation.numbers import about, about_span, listed, percent, price, volume
from evaluation.results.costs import BillTotals, CostPage, Crossing, Growth


def cost_sentences(page: CostPage) -> list[str]:
    """What is assumed, where costs cross, which method is the cheapest when, and what the comparison itself took."""
    other = [f"Token prices are those of another model: {page.model_unpriced}."] if page.model_unpriced else []
    found = [*other, *assumptions(page), *(crossing(row, page) for row in page.break_even), *_cheapest(page)]
    if page.pareto:
        found.append(f"No other method is both better and cheaper than: {listed(page.pareto)}.")
    found += bill_sentences(page)
    if page.growth:
        found.append(_growth(page.growth))
    return [*found, _evaluation(page)]


def assumptions(page: CostPage) -> Iterator[str]:
    """What most of a bill rests on, where that is an assumption."""
    for name, row in page.methods.items():
        hand = [part for part in row.setup if part.assumed]
        if hand and row.total and row.assumed and row.assumed / row.total >= 0.5:
            yield (
                f"{percent(row.assumed / row.total)} of what {name} costs is one assumption: training wordings by hand"
                f", {hand[0].detail} ({price(hand[0].amount, page.currency)} of "
                f"{price(row.total, page.currency)}); --price question_by_hand=… sets your own."
            )


def crossing(row: Crossing, page: CostPage) -> str:
    """A break-even in words, with its interval."""
    a, b = row.a, row.b
    if row.queries is None:
        return f"{a} never pays off against {b}: it costs more to set up and keep up, and a question costs no less."
    if row.queries == 0:
        return f"{a} costs less than {b} from the first question."
    asked = volume(row.queries, page.scenario.queries_per_month)
    if row.ci is None:
        return f"{a} costs less than {b} up to {asked}, and more after."
    low, high = row.ci
    span = f"95% interval: {about_span(low, high)}"
    if row.queries / page.scenario.queries_per_month / 12 > LONG:
        return f"{a} practically never pays off against {b}: only after {asked}; {span}."
    return f"{a} pays off against {b} after {asked}; {span}."


def _cheapest(page: CostPage) -> Iterator[str]:
    steps = page.cheapest_from
    if len(steps) == 1:
        yield f"Smallest bill over these months, whatever is answered: {steps[0].method}, at any volume."
    elif steps:
        ends = [f"{step.method} up to about {about(after.queries_per_month)} questions a month"
                for step, after in pairwise(steps)]  # fmt: skip
        yield f"Smallest bill over these months, whatever is answered: {', '.join(ends)}, then {steps[-1].method}."


def bill_sentences(page: CostPage) -> Iterator[str]:
    """Whether the ways of billing put the methods in the same order; if not, what moves the one that moves most."""
    own = next((bill for bill in page.bills if bill.bill == page.scenario.bill), None)
    others = [bill for bill in page.bills if bill is not own and own and bill.totals.keys() == own.totals.keys()]
    if own is None or not others:
        return
    order = _order(own)
    same = [bill for bill in others if _order(bill) == order]
    if same:
        told = listed([BILLED[bill.bill] for bill in (own, *same)])
        yield f"Billed by {told}, the order is the same: {listed(order)}, the smallest bill first."
    for bill in others:
        if bill not in same:
            yield _moved(own, bill, page)


def _order(bill: BillTotals) -> list[str]:
    return sorted(bill.totals, key=lambda name: bill.totals[name])


def _moved(own: BillTotals, other: BillTotals, page: CostPage) -> str:
    """Where the order differs: the method that moves most, and what its bill consists of in both."""
    here, there = _order(own), _order(other)
    most = max(here, key=lambda name: abs(here.index(name) - there.index(name)))
    return (
        f"Billed by {BILLED[other.bill]}, the order is another: {listed(there)}, the smallest bill first. {most} moves "
        f"most: {price(own.totals[most], page.currency)}, mostly {own.largest[most]}, becomes "
        f"{price(other.totals[most], page.currency)}, mostly {other.largest[most]}."
    )


def _growth(grown: Growth) -> str:
    def beyond(tokens: float | None) -> str:
        return "at no size up to ten million tokens" if tokens is None else f"beyond about {about(tokens)} tokens"

    return (
        f"As the corpus grows (projected): injection fits the window up to about {about(grown.fits_until)} tokens. A "
        f"question costs less with retrieval {beyond(grown.rag_cheaper_from)} if the injected corpus is cached, and "
        f"{beyond(grown.rag_cheaper_from_uncached)} if it is read for each question."
    )


def _evaluation(page: CostPage) -> str:
    """What the comparison itself took, beside what was predicted."""
    took = page.evaluation
    text = (
        f"The comparison itself took {took.seconds:,.0f} s (answering {took.answering_s:,.0f}, one question at a time "
        f"{took.alone_s:,.0f}, grading {took.grading_s:,.0f}), {price(took.cost, page.currency)} on this machine, and "
        f"read {about(took.prompt_tokens)} prompt tokens"
    )
    if took.predicted_s is None:
        return f"{text}."
    tokens = "" if took.predicted_prompt_tokens is None else f" and {about(took.predicted_prompt_tokens)} tokens"
    return f"{text}; predicted: {took.predicted_s:,.0f} s{tokens}."


def bill_in_short(page: CostPage, name: str) -> str:
    """What a method costs, with what is assumed of it: $120 in the first year, 99% of it assumed."""
    row = page.methods.get(name)
    if row is None or row.total is None:
        return "n/a"
    span = span_of(page.scenario.months)
    text = f"{price(row.total, page.currency)} {'in the ' if span.startswith('first') else 'over '}{span}"
    if row.assumed and row.assumed / row.total >= 0.005:
        text += f", {percent(row.assumed / row.total)} of it assumed"
    return text


def told_demand(page: CostPage) -> str:
    return f"for {demand(page)}"
