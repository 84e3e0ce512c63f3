"""All that is shown of costs, as one table of figures for the command, the report, the app and other tools."""

from itertools import combinations
from math import hypot

from evaluation.cost.contestants import NO_PRICE
from evaluation.cost.crossings import break_even, cheapest_by_volume, growth, pareto_front
from evaluation.cost.ownership import MethodCost, all_costs
from evaluation.cost.prices import PriceBook
from evaluation.numbers import money
from evaluation.results.costs import CheapestFrom, CostPage, CostRow, Crossing, Growth, Scenario, TookAndCost
from evaluation.results.schema import Measured
from evaluation.table import Table, columns, make_table


def _row(cost: MethodCost, scenario: Scenario) -> CostRow:
    right = cost.per_correct(scenario)
    return CostRow(
        fixed=cost.fixed if cost.whole else None,
        update=cost.update if cost.whole else None,
        query=cost.query,
        query_ci=(cost.query - 1.96 * cost.query_error, cost.query + 1.96 * cost.query_error),
        storage_month=cost.storage,
        total=cost.total(scenario.months, scenario) if cost.whole else None,
        total_error=1.96 * hypot(scenario.queries * cost.query_error, cost.fixed_error),
        totals=[cost.total(month, scenario) for month in range(1, 37)] if cost.whole else [],
        per_correct=right[0] if right else None,
        per_correct_ci=right[1:] if right else None,
        with_errors=cost.with_errors(scenario),
        accuracy=cost.accuracy,
        wrong=cost.wrong,
        amortised=cost.amortised(scenario),
        fits=cost.fits,
        source=cost.source,
    )


def _crossings(costs: dict[str, MethodCost], scenario: Scenario) -> list[Crossing]:
    """Each pair once, the one that is dearer to set up first: it is the one that has to pay off."""
    pairs = [sorted(pair, key=lambda name: -costs[name].fixed) for pair in combinations(costs, 2)]
    return [break_even(costs[a], costs[b], scenario) for a, b in pairs]


def cost_page(results: Measured, book: PriceBook, scenario: Scenario) -> CostPage:
    """Everything that the command, the report and the app show of costs."""
    costs = all_costs(results, book, scenario)
    useful = {name: cost for name, cost in costs.items() if results.methods[name].kind == "candidate"}
    took = results.run.took
    return CostPage(
        currency=book.currency,
        model_unpriced=book.unpriced if scenario.bill == "api" else "",
        scenario=scenario,
        methods={name: _row(cost, scenario) for name, cost in costs.items()},
        unpriced={
            name: NO_PRICE.format(name=name)
            for name, method in results.methods.items()
            if method.contestant and name not in costs
        },
        break_even=_crossings(useful, scenario),
        cheapest_from=[
            CheapestFrom(queries_per_month=n, method=name) for n, name in cheapest_by_volume(useful, scenario)
        ],
        pareto=pareto_front(costs, scenario),
        evaluation=TookAndCost(**dict(took), cost=took.seconds / 3600 * book.of("machine_hour")),
        growth=growth(results, book, scenario),
    )


def crossing(row: Crossing) -> str:
    """A break-even in words, with its interval."""
    if not row.queries:
        return row.reason
    if row.ci is None:
        return f"{row.queries:,.0f} questions: {row.reason}"
    low, high = row.ci
    end = "never" if high is None else f"{high:,.0f}"
    return f"after {row.queries:,.0f} questions ({low:,.0f} to {end}); {row.reason}"


def cost_table(page: CostPage) -> Table:
    """One row a method."""
    scenario = page.scenario
    heads = columns(
        "method",
        ("set-up", "before the first question: indexing, reading, training, writing training questions"),
        ("one update", "taking in one changed document: indexed, read or trained again"),
        "1,000 questions",
        f"{scenario.months} months",
        ("1,000 right answers", "with their share of set-up, updates and storage"),
        ("95 % interval", "of 1,000 right answers, from the interval of the accuracy"),
        ("a question with its errors", "with what wrong answers and unknowns cost you"),
        "source",
    )
    note = (
        f"In {page.currency}, for {scenario.queries_per_month:,.0f} questions and {scenario.updates_per_month:g} "
        f"changed documents a month, billed by {scenario.bill}; accuracy as in the run. A right answer carries its "
        "share of everything over these months."
    )
    rows = [_cost_cells(*item) for item in page.methods.items()]
    rows += [[name, *["n/a"] * (len(heads) - 2), reason] for name, reason in page.unpriced.items()]
    return make_table("What each method costs", heads, rows, note)


def _cost_cells(name: str, row: CostRow) -> list[str]:
    right = None if row.per_correct is None else 1000 * row.per_correct
    cells = [money(value) for value in (row.fixed, row.update, 1000 * row.query, row.total, right)]
    low, high = row.per_correct_ci or (None, None)
    end = "no bound" if high is None else money(1000 * high)
    interval = "n/a" if low is None else f"{money(1000 * low)} to {end}"
    source = row.source if row.fits else "the corpus does not fit the window"
    return [name, *cells, interval, money(row.with_errors), source]


def cost_sentences(page: CostPage) -> list[str]:
    """Where costs cross, which method is the cheapest when, and which are not dominated."""
    sentences = [f"Token prices are those of another model: {page.model_unpriced}."] if page.model_unpriced else []
    sentences += [f"{row.a} against {row.b}: {crossing(row)}." for row in page.break_even]
    steps = [f"{row.method} from {row.queries_per_month:,.0f}" for row in page.cheapest_from]
    if steps:
        sentences.append(f"Cheapest over these months, by questions a month: {'; '.join(steps)}.")
    if page.pareto:
        sentences.append(f"Not dominated (accuracy and cost): {', '.join(page.pareto)}.")
    sentences.append(_evaluation(page))
    if page.growth:
        sentences.append(_growth(page.growth))
    return sentences


def _growth(grown: Growth) -> str:
    def beyond(tokens: float | None) -> str:
        return "at no size up to ten million tokens" if tokens is None else f"beyond {tokens:,.0f} tokens"

    return (
        f"As the corpus grows (projected): injection fits the window up to {grown.fits_until:,.0f} tokens. A question "
        f"costs less with retrieval {beyond(grown.rag_cheaper_from)} if the injected corpus is cached, and "
        f"{beyond(grown.rag_cheaper_from_uncached)} if it is read for each question."
    )


def _evaluation(page: CostPage) -> str:
    """What the comparison itself took, beside what was predicted."""
    took = page.evaluation
    text = (
        f"The comparison itself took {took.seconds:,.0f} s (answering {took.answering_s:,.0f}, one question at a time "
        f"{took.alone_s:,.0f}, grading {took.grading_s:,.0f}), {page.currency} {money(took.cost)} on this machine, and "
        f"read {took.prompt_tokens:,} prompt tokens"
    )
    if took.predicted_s is None:
        return text + "."
    return f"{text}; predicted: {took.predicted_s:,.0f} s and {took.predicted_prompt_tokens:,} tokens."


def ownership_table(page: CostPage) -> Table:
    """Total cost after some months."""
    months = (1, 3, 6, 12, 24, 36)
    rows = [
        [name, *(money(row.totals[month - 1] if row.totals else None) for month in months)]
        for name, row in page.methods.items()
    ]
    heads = columns("method", *(f"{month} months" if month > 1 else "1 month" for month in months))
    return make_table("Total cost of ownership", heads, rows, f"In {page.currency}, everything before included.")
