"""What one method used, priced under one scenario and book: the formulas of docs/cost.md, one by one."""

from math import sqrt

from data.errors import TriviumError
from evaluation.cost.prices import PriceBook
from evaluation.cost.usage import USAGE
from evaluation.numbers import price
from evaluation.results.costs import Scenario, SetUpPart
from evaluation.results.schema import Measured
from model.operations import answer_operations, reading_operations

CACHEABLE = 1024  # tokens; shorter prefixes are not cached by the public services (OpenAI's documentation)


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
            hits = self.scenario.cache_hits if self.pasted else 1.0
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
        elif self.pasted:
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

    def drafting(self) -> float:
        """Training wordings that a model drafted, computed here."""
        return self._seconds(self.usage.writing_s) * self.longer

    def by_hand(self) -> float:
        """Training wordings that a person wrote, at an assumed price each."""
        return self.usage.wordings_by_hand * self.book.of("question_by_hand") * self.longer

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
            cost += self.training() + (self.drafting() + self.by_hand()) * one
        return cost

    def setup(self) -> tuple[SetUpPart, ...]:
        """What is paid before the first question, without what this method does not need."""
        each = price(self.book.of("question_by_hand"), self.book.currency)
        wordings = f"{self.usage.wordings_by_hand * self.longer:,.0f} at {each}"
        parts = (
            SetUpPart(name="indexing the documents", amount=self.indexing()),
            SetUpPart(name="reading what all prompts share", amount=self.reread()),
            SetUpPart(name="training", amount=self.training()),
            SetUpPart(name="drafting training wordings", amount=self.drafting()),
            SetUpPart(name="training wordings by hand", amount=self.by_hand(), assumed=True, detail=wordings),
        )
        return tuple(part for part in parts if part.amount)

    def assumed(self) -> float:
        """What of the whole bill is assumed alone: wordings by hand, at first and with each changed document."""
        return self.by_hand() * (1 + self.scenario.updates / self.documents / self.longer)

    def largest(self) -> str:
        """What makes up most of the whole bill."""
        scenario = self.scenario
        parts = {part.name: part.amount for part in self.setup()}
        parts["changed documents"] = self.update() * scenario.updates
        asked = {"retrieval_s": "searching", "read": "prompt tokens", "cached": "prompt tokens that are read again",
                 "written": "answer tokens"}  # fmt: skip
        for name, weight in self.weights().items():
            told = asked.get(name, "answering")
            parts[told] = parts.get(told, 0.0) + weight * (getattr(self.usage, name) or 0.0) * scenario.queries
        return max(parts, key=lambda name: parts[name])
