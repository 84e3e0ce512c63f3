"""What a method costs to build, to run and to keep up, under prices and a scenario that the user sets.

Everything is computed from `results.json` and the price book. The formulas are those of Cost-of-Pass (Erol et al. 2025,
arXiv 2504.13359) with fixed cost and updates added; docs/cost.md has them one by one.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

from data.errors import TriviumError
from evaluation.cost.contestants import question_price
from evaluation.cost.prices import PriceBook
from evaluation.cost.usage import USAGE
from evaluation.results.costs import Scenario
from evaluation.results.rates import Cell
from evaluation.results.schema import Measured
from model.operations import answer_operations, reading_operations

CACHEABLE = 1024  # tokens; shorter prefixes are not cached by the public services (OpenAI's documentation)


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


class Pricing:
    """One method's usage under one scenario and book."""

    def __init__(self, name: str, results: Measured, book: PriceBook, scenario: Scenario) -> None:
        self.name, self.results, self.book, self.scenario = name, results, book, scenario
        self.method = results.methods[name]
        if self.method.usage is None:
            raise TriviumError(f"{name}: what it uses is not known.")
        self.usage, self.model = self.method.usage, results.model
        self.shapes = self.model.shapes
        self.tuned, self.pasted = self.method.adapted, self.method.context == "all"
        own, size = self.model.parameters, scenario.model_size
        if self.shapes is None and (scenario.bill == "gpu" or size):
            raise TriviumError(
                f"operations on a GPU and another model size are n/a: {self.model.unknown}. Use --bill machine or api."
            )
        self.larger = size / own if size and own else 1.0
        self.corpus: float = results.domain.corpus_tokens
        self.documents: int = max(1, results.domain.n_documents)
        self.longer = scenario.corpus_tokens / self.corpus if scenario.corpus_tokens else 1.0

    @property
    def prefix(self) -> float:
        """Tokens of the shared prefix; for injection it holds the corpus and grows with it."""
        known: float = self.usage.prefix_tokens
        return known * self.longer if self.pasted else known

    @property
    def fits(self) -> bool:
        room = self.model.window - self.usage.read - self.usage.written
        return not self.pasted or self.longer <= 1 or self.prefix <= room

    def _operations(self, cached: float) -> float:
        """Of one question, by formula, behind so many cached tokens; in tokens where the weights are unknown."""
        read, written = round(self.usage.read), max(1, round(self.usage.written))
        if self.shapes is None:
            return cached + read + written
        return answer_operations(self.shapes, round(cached) + read, round(cached), written) * self.larger

    def _prefix_operations(self) -> float:
        if self.shapes is None:
            return self.prefix
        return reading_operations(self.shapes, round(self.prefix)) * self.larger

    def weights(self) -> dict[str, float]:
        """The price of one unit of each kind of usage; a question costs their product with what it used."""
        book = self.book
        if self.scenario.bill == "api":
            entry, out = ("tuned_token_in", "tuned_token_out") if self.tuned else ("token_in", "token_out")
            hits = self.scenario.cache_hits
            cached = book.of(entry)
            counted = self.model.bill == "api"  # the provider itself said what it had cached
            if (counted or self.prefix >= CACHEABLE) and not self.tuned:
                cached = hits * book.of("token_cached") + (1 - hits) * book.of("token_cache_write")
            grown = self.prefix / self.usage.prefix_tokens if self.usage.prefix_tokens else 1.0
            return {
                "read": book.of(entry), "cached": cached * grown, "written": book.of(out),
                "retrieval_s": 0.0, "generation_s": 0.0, "operations": 0.0,
            }  # fmt: skip
        zero = dict.fromkeys(USAGE, 0.0)
        more = self._operations(self.prefix) / max(1.0, self._operations(self.usage.cached) / self.larger)
        if self.scenario.bill == "gpu":
            return zero | {"operations": more * book.of("gpu_hour") / 3600 / book.of("gpu_operations")}
        second = book.of("machine_hour") / 3600
        return zero | {"retrieval_s": second, "generation_s": second * more}

    def query(self) -> tuple[float, float]:
        """Cost of a question and its standard error."""
        weights = self.weights()
        cost = sum(weights[name] * (getattr(self.usage, name) or 0.0) for name in USAGE)
        if self.scenario.bill == "api":
            looked_up = self.results.domain.question_tokens * self.book.of("embedding_token")
            cost += looked_up if self.usage.index_s else 0.0
        else:
            cost += (1 - self.scenario.cache_hits) * self.reread()
        variance = sum(
            weights[a] * weights[b] * self.usage.covariance[i][j]
            for i, a in enumerate(USAGE)
            for j, b in enumerate(USAGE)
        )
        return cost, sqrt(max(0.0, variance))

    def _seconds(self, seconds: float) -> float:
        return seconds * self.book.of("machine_hour") / 3600

    def _computed(self, operations: float) -> float:
        return operations * self.book.of("gpu_hour") / 3600 / self.book.of("gpu_operations")

    def reread(self) -> float:
        """Reading the shared prefix once."""
        if self.scenario.bill == "api":
            return self.prefix * self.book.of("token_cache_write") if self.prefix >= CACHEABLE else 0.0
        if self.scenario.bill == "gpu":
            return self._computed(self._prefix_operations())
        known = self.usage.prefix_tokens
        then = reading_operations(self.shapes, known) if self.shapes else known
        return self._seconds(self.usage.prefix_s * self._prefix_operations() / max(1, then))

    def writing(self) -> float:
        """What the training wordings took: drafting is computed here, writing by hand has a price."""
        wordings: float = self.usage.wordings_by_hand
        return (self._seconds(self.usage.writing_s) + wordings * self.book.of("question_by_hand")) * self.longer

    def training(self) -> float:
        """One training."""
        if self.scenario.bill == "api":
            tokens: float = self.usage.training_tokens
            return tokens * self.longer * self.book.of("training_token")
        if self.scenario.bill == "gpu":
            return self._computed((self.usage.training_operations or 0.0) * self.longer * self.larger)
        return self._seconds(self.usage.training_s * self.longer * self.larger)

    def indexing(self) -> float:
        """Embedding and indexing all documents."""
        if self.scenario.bill == "api":
            tokens = self.corpus * self.longer if self.usage.index_s else 0.0
            return tokens * self.book.of("embedding_token")
        return self._seconds(self.usage.index_s * self.longer)  # on this machine also where a GPU answers

    def fixed_error(self) -> float:
        """Standard error of what is computed before the first question; only this machine's seconds have one."""
        if self.scenario.bill != "machine":
            return 0.0
        return self.usage.fixed_error * (self.indexing() + self.reread() + self.training())

    def update(self) -> float:
        """Taking in one changed document: indexed again, read again, or trained again."""
        one = 1 / self.documents / self.longer
        cost = self.indexing() * one
        if self.pasted:
            cost += self.reread()
        if self.tuned:
            cost += self.training() + self.writing() * one
        return cost


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
    scored = max(1, overall.scored)
    return {
        "accuracy": overall.accuracy, "accuracy_low": overall.ci_low, "accuracy_high": overall.ci_high,
        "wrong": overall.wrong / scored, "abstained": overall.abstained / scored,
    }  # fmt: skip


def method_cost(name: str, results: Measured, book: PriceBook, scenario: Scenario) -> MethodCost:
    """The bill of one method of a run."""
    pricing = Pricing(name, results, book, scenario)
    query, error = pricing.query()
    projected = scenario.bill == "gpu" or scenario.model_size is not None or scenario.corpus_tokens is not None
    return MethodCost(
        method=name,
        fixed=pricing.indexing() + pricing.reread() + pricing.training() + pricing.writing(),
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
