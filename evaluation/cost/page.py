"""All that is computed of costs for one scenario: bills, what they consist of, where they cross."""

from collections.abc import Mapping
from itertools import combinations
from math import hypot

from evaluation.cost.contestants import NO_PRICE
from evaluation.cost.crossings import break_even, cheapest_by_volume, growth, pareto_front
from evaluation.cost.ownership import MethodCost, all_costs
from evaluation.cost.prices import PriceBook
from evaluation.results.costs import (
    Billing,
    BillTotals,
    CheapestFrom,
    CostPage,
    CostRow,
    Crossing,
    Scenario,
    TookAndCost,
)
from evaluation.results.schema import Measured

BILLS: tuple[Billing, ...] = ("machine", "gpu", "api")


def _row(cost: MethodCost, scenario: Scenario) -> CostRow:
    right = cost.per_correct(scenario)
    return CostRow(
        fixed=cost.fixed if cost.whole else None,
        setup=cost.setup,
        assumed=cost.assumed if cost.whole else None,
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
        unknown=cost.abstained,
        amortised=cost.amortised(scenario),
        fits=cost.fits,
        source=cost.source,
    )


def _crossings(costs: Mapping[str, MethodCost], scenario: Scenario) -> list[Crossing]:
    """Each pair once, the one that is dearer to set up first: it is the one that has to pay off."""
    pairs = [sorted(pair, key=lambda name: -costs[name].fixed) for pair in combinations(costs, 2)]
    return [break_even(costs[a], costs[b], scenario) for a, b in pairs]


def _bills(results: Measured, book: PriceBook, scenario: Scenario) -> tuple[BillTotals, ...]:
    """The totals billed in each way; of a model that a provider runs by its tokens alone, without weights by no GPU."""
    found = []
    for bill in BILLS if results.model.bill == "machine" else (results.model.bill,):
        if bill == "gpu" and results.model.shapes is None:
            continue
        there = scenario.model_copy(update={"bill": bill})
        costs = {name: cost for name, cost in all_costs(results, book, there).items() if cost.whole and cost.fits}
        totals = {name: cost.total(there.months, there) for name, cost in costs.items()}
        found.append(BillTotals(bill=bill, totals=totals, largest={name: cost.largest for name, cost in costs.items()}))
    return tuple(found)


def cost_page(results: Measured, book: PriceBook, scenario: Scenario) -> CostPage:
    """Everything that the command, the report and the app show of costs.

    What does not fit the window is priced, and left out of all comparisons.
    """
    costs = all_costs(results, book, scenario)
    useful = {
        name: cost for name, cost in costs.items() if results.methods[name].kind == "candidate" and cost.fits
    }  # fmt: skip
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
        bills=_bills(results, book, scenario),
        break_even=_crossings(useful, scenario),
        cheapest_from=[
            CheapestFrom(queries_per_month=n, method=name) for n, name in cheapest_by_volume(useful, scenario)
        ],
        pareto=pareto_front(useful, scenario),
        evaluation=TookAndCost(**dict(took), cost=took.seconds / 3600 * book.of("machine_hour")),
        growth=growth(results, book, scenario),
    )
