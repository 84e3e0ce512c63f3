"""What a method costs to build, to run and to keep up, under prices and a scenario that the user sets.

Everything is computed from `results.json` and the price book. The formulas are those of Cost-of-Pass (Erol et al. 2025,
arXiv 2504.13359) with fixed cost and updates added; docs/cost.md has them one by one.
"""

from dataclasses import dataclass
from typing import Any

from evaluation.cost.contestants import question_price
from evaluation.cost.prices import PriceBook
from evaluation.cost.pricing import Pricing
from evaluation.results.costs import Scenario, SetUpPart
from evaluation.results.rates import Cell
from evaluation.results.schema import Measured


@dataclass(frozen=True)
class MethodCost:
    """One method's bill, in the book's currency."""

    method: str
    fixed: float  # before the first question
    update: float  # for one changed document
    query: float
    query_error: float  # standard error of `query`, from the questions asked and a busy machine
    storage: float  # a month
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    wrong: float  # share of answerable questions
    abstained: float
    source: str  # measured use at assumed prices, or projected
    fixed_error: float = 0.0  # standard error of `fixed`, from a busy machine
    fits: bool = True  # whether the injected corpus fits the window
    setup: tuple[SetUpPart, ...] = ()  # what `fixed` consists of
    assumed: float = 0.0  # of the whole bill, what no measurement stands behind
    largest: str = ""  # what makes up most of the whole bill
    whole: bool = True  # whether set-up and updates are known; of a contestant they are not, and count as 0

    def total(self, months: float, scenario: Scenario) -> float:
        """Total cost of ownership after so many months."""
        each_month = scenario.queries_per_month * self.query + scenario.updates_per_month * self.update + self.storage
        return self.fixed + months * each_month

    def amortised(self, scenario: Scenario) -> float:
        """A question's share of everything over the scenario's months."""
        return self.total(scenario.months, scenario) / scenario.queries

    def per_correct(self, scenario: Scenario) -> tuple[float, float, float | None] | None:
        """Amortised cost of pass with the interval that follows from the accuracy's; None where nothing is right.

        Its upper end is None, without bound, where the accuracy's interval reaches down to 0.
        """
        each = self.amortised(scenario)
        if not self.accuracy or self.accuracy_low is None or self.accuracy_high is None:
            return None
        most = each / self.accuracy_low if self.accuracy_low else None
        return each / self.accuracy, each / self.accuracy_high, most

    def with_errors(self, scenario: Scenario) -> float:
        """A question's cost with what its errors cost the user."""
        return self.amortised(scenario) + scenario.wrong_answer * self.wrong + scenario.no_answer * self.abstained


def contestant_cost(name: str, results: Measured, book: PriceBook) -> MethodCost | None:
    """The bill of a system of the user's: its questions alone; None where nobody gave a price."""
    method = results.methods[name]
    price = question_price(method.contestant, method.tokens, book) if method.contestant else None
    if price is None:
        return None
    return MethodCost(
        name, 0.0, 0.0, price.usd, price.error, 0.0, **_outcomes(method.overall), source=price.source, whole=False
    )  # fmt: skip


def _outcomes(overall: Cell) -> dict[str, Any]:
    scored, outcomes = max(1, overall.scored), overall.outcomes
    wrong, unknown = outcomes.wrong.rate, outcomes.unknown.rate  # weighted by the traffic mix if there is one
    return {
        "accuracy": overall.accuracy, "accuracy_low": overall.ci_low, "accuracy_high": overall.ci_high,
        "wrong": overall.wrong / scored if wrong is None else wrong,
        "abstained": overall.abstained / scored if unknown is None else unknown,
    }  # fmt: skip


def method_cost(name: str, results: Measured, book: PriceBook, scenario: Scenario) -> MethodCost:
    """The bill of one method of a run."""
    pricing = Pricing(name, results, book, scenario)
    query, error = pricing.query()
    projected = scenario.bill == "gpu" or scenario.model_size is not None or scenario.corpus_tokens is not None
    return MethodCost(
        method=name,
        fixed=sum(part.amount for part in pricing.setup()),
        setup=pricing.setup(),
        assumed=pricing.assumed(),
        largest=pricing.largest(),
        update=pricing.update(),
        query=query,
        query_error=error,
        storage=pricing.usage.disk_bytes / 1e9 * pricing.longer * book.of("storage"),
        **_outcomes(pricing.method.overall),
        source="projected" if projected else "measured use, assumed prices",
        fixed_error=pricing.fixed_error(),
        fits=pricing.fits,
    )


def all_costs(results: Measured, book: PriceBook, scenario: Scenario) -> dict[str, MethodCost]:
    """Bills of all methods of a run but the oracle, which nobody can run, and contestants without a price."""
    found = {
        name: contestant_cost(name, results, book) if method.contestant else method_cost(name, results, book, scenario)
        for name, method in results.methods.items()
        if method.context != "gold"
    }
    return {name: cost for name, cost in found.items() if cost is not None}
