"""Where roads cross: break-even, the cheapest at each volume, the front of accuracy and cost, a growing corpus."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from evaluation.cost.ownership import Pricing, RoadCost, Scenario, road_cost
from evaluation.cost.prices import PriceBook
from evaluation.run.registry import first_of


@dataclass(frozen=True)
class BreakEven:
    """Questions after which `a` has cost no more than `b`. None: never."""

    a: str
    b: str
    queries: float | None
    low: float | None
    high: float | None
    reason: str


def break_even(a: RoadCost, b: RoadCost, scenario: Scenario) -> BreakEven:
    """N* = [F_a - F_b + U (R_a - R_b)] / (c_b - c_a), with U updates over the scenario's months.

    The interval takes the saving at the ends of its 95 % interval, the standard errors of both methods taken as
    independent, which is cautious because they were asked the same questions.
    """
    kept_up = scenario.updates * (a.update - b.update) + scenario.months * (a.storage - b.storage)
    dearer = a.fixed - b.fixed + kept_up
    saved, error = b.query - a.query, 1.96 * sqrt(a.query_error**2 + b.query_error**2)
    if dearer <= 0 and saved >= 0:
        return BreakEven(a.method, b.method, 0, 0, None, f"{a.method} is cheaper from the first question")
    if dearer <= 0:
        reason = f"{a.method} is cheaper until then, {b.method} after"
        return BreakEven(a.method, b.method, dearer / saved, None, None, reason)
    if saved <= 0:
        return BreakEven(a.method, b.method, None, None, None, f"never: a question costs no less with {a.method}")
    low, high = dearer / (saved + error), dearer / (saved - error) if saved > error else None
    return BreakEven(a.method, b.method, dearer / saved, low, high, f"{a.method} costs more to set up and keep up, and "
                     "less a question")  # fmt: skip


def cheapest_by_volume(costs: Mapping[str, RoadCost], scenario: Scenario) -> list[tuple[float, str]]:
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


def pareto_front(costs: Mapping[str, RoadCost], scenario: Scenario) -> list[str]:
    """Methods that no other beats in both accuracy and amortised cost, the cheapest first."""
    known = [cost for cost in costs.values() if cost.accuracy is not None and cost.fits]
    ordered = sorted(known, key=lambda cost: (cost.amortised(scenario), -(cost.accuracy or 0)))
    front: list[RoadCost] = []
    for cost in ordered:
        if not front or (cost.accuracy or 0) > (front[-1].accuracy or 0):
            front.append(cost)
    return [cost.method for cost in front]


@dataclass(frozen=True)
class Growth:
    """A growing corpus, in its tokens: injection beside retrieval. None: not up to ten million."""

    fits_until: float  # the largest corpus that the window holds
    rag_cheaper_from: float | None  # a question costs less with retrieval, the injected corpus always cached
    rag_cheaper_from_uncached: float | None  # the same, the corpus read again for each question


def growth(results: Mapping[str, Any], book: PriceBook, scenario: Scenario) -> Growth | None:
    """Where injection stops fitting and where retrieval overtakes it; None where the run lacks one of them."""
    methods = results["methods"]
    pasted, search = first_of(methods, "all"), first_of(methods, "search")
    if not pasted or not search or not methods[pasted]["usage"]["prefix_tokens"]:
        return None
    injected = Pricing(pasted, results, book, scenario)
    room = injected.model["window"] - injected.usage["read"] - injected.usage["written"]
    sizes = [10 ** (2 + step / 50) for step in range(50 * 5 + 1)]  # 100 to ten million tokens, fifty steps a decade

    def overtaken(hits: float) -> float | None:
        for tokens in sizes:
            there = scenario.model_copy(update={"corpus_tokens": tokens, "cache_hits": hits})
            inject, rag = (road_cost(name, results, book, there).query for name in (pasted, search))
            if rag < inject:
                return tokens
        return None

    whole = injected.usage["prefix_tokens"] / injected.corpus  # tokens of prefix for one of the corpus
    return Growth(room / whole, overtaken(1.0), overtaken(0.0))
