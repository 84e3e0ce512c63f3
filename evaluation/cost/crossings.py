"""Where costs cross: break-even, the cheapest at each volume, the Pareto front, a growing corpus."""

from collections.abc import Mapping
from math import sqrt

from evaluation.cost.ownership import MethodCost, method_cost
from evaluation.cost.prices import PriceBook
from evaluation.cost.pricing import Pricing
from evaluation.results.costs import Crossing, Growth, Scenario
from evaluation.results.method import MethodResults
from evaluation.results.schema import Measured


def break_even(a: MethodCost, b: MethodCost, scenario: Scenario) -> Crossing:
    """N* = [F_a - F_b + U (R_a - R_b)] / (c_b - c_a), with U updates over the scenario's months.

    The interval takes the saving and what is paid before the first question at the ends of their 95 % intervals, the
    standard errors of both methods taken as independent, which is cautious because they were asked the same questions.
    """

    def crossing(queries: float | None, ci: tuple[float, float | None] | None, reason: str) -> Crossing:
        return Crossing(a=a.method, b=b.method, queries=queries, ci=ci, reason=reason)

    kept_up = scenario.updates * (a.update - b.update) + scenario.months * (a.storage - b.storage)
    dearer = a.fixed - b.fixed + kept_up
    saved, error = b.query - a.query, 1.96 * sqrt(a.query_error**2 + b.query_error**2)
    if dearer <= 0 and saved >= 0:
        return crossing(0, (0, None), f"{a.method} is cheaper from the first question")
    if dearer <= 0:
        return crossing(dearer / saved, None, f"{a.method} is cheaper until then, {b.method} after")
    if saved <= 0:
        return crossing(None, None, f"never: a question costs no less with {a.method}")
    unsure = 1.96 * sqrt(a.fixed_error**2 + b.fixed_error**2)
    low = max(0.0, dearer - unsure) / (saved + error)
    high = (dearer + unsure) / (saved - error) if saved > error else None
    return crossing(dearer / saved, (low, high), f"{a.method} costs more to set up and keep up, and less per question")


def cheapest_by_volume(costs: Mapping[str, MethodCost], scenario: Scenario) -> list[tuple[float, str]]:
    """(questions a month, method): the volumes from which each method is the cheapest over the scenario's months."""
    usable = [cost for cost in costs.values() if cost.fits]
    volumes = [10 ** (step / 20) for step in range(20 * 7 + 1)]  # 1 to 10 million, twenty steps a decade
    found: list[tuple[float, str]] = []
    for volume in volumes if usable else ():
        there = scenario.model_copy(update={"queries_per_month": volume})
        best = min(usable, key=lambda cost: cost.total(scenario.months, there))
        if not found or found[-1][1] != best.method:
            found.append((volume, best.method))
    return found


def pareto_front(costs: Mapping[str, MethodCost], scenario: Scenario) -> list[str]:
    """Methods that no other beats in both accuracy and amortised cost, the cheapest first.

    A contestant is not among them: what it takes to set up is not known.
    """
    known = [cost for cost in costs.values() if cost.accuracy is not None and cost.fits and cost.whole]
    ordered = sorted(known, key=lambda cost: (cost.amortised(scenario), -(cost.accuracy or 0)))
    front: list[MethodCost] = []
    for cost in ordered:
        if not front or (cost.accuracy or 0) > (front[-1].accuracy or 0):
            front.append(cost)
    return [cost.method for cost in front]


def _is(method: MethodResults, context: str) -> bool:
    return method.context == context and not method.adapted


def growth(results: Measured, book: PriceBook, scenario: Scenario) -> Growth | None:
    """Where injection stops fitting and where retrieval overtakes it; None where the run lacks one of them."""
    methods = results.methods
    pasted, search = (next((n for n, m in methods.items() if _is(m, kind)), None) for kind in ("all", "search"))
    used = methods[pasted].usage if pasted else None
    if not pasted or not search or used is None or not used.prefix_tokens:
        return None
    injected = Pricing(pasted, results, book, scenario)
    room = injected.model.window - injected.usage.read - injected.usage.written
    sizes = [10 ** (2 + step / 50) for step in range(50 * 5 + 1)]  # 100 to ten million tokens, fifty steps a decade

    def overtaken(hits: float) -> float | None:
        for tokens in sizes:
            there = scenario.model_copy(update={"corpus_tokens": tokens, "cache_hits": hits})
            inject, rag = (method_cost(name, results, book, there).query for name in (pasted, search))
            if rag < inject:
                return tokens
        return None

    whole = used.prefix_tokens / injected.corpus  # tokens of prefix for one of the corpus
    return Growth(fits_until=room / whole, rag_cheaper_from=overtaken(1.0), rag_cheaper_from_uncached=overtaken(0.0))
