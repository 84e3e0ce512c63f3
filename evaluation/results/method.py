"""The part of results.json about one method."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from evaluation.results.rates import Cell, Rate, Refusal
from evaluation.results.section import Section

Kind = Literal["candidate", "yardstick", "contestant"]


class FormRates(Section):
    """Shares of answers in the house style, with the right content, and with both."""

    n: int
    form: float
    content: float
    both: float


class Style(FormRates):
    """All answers asked for in the house style, and the same by whether training showed the fact in that style."""

    styled_training: FormRates | None = None
    no_styled_training: FormRates | None = None


class LongAnswers(Section):
    """Answers to questions with points: the mean share of the points that they state, less those contradicted."""

    n: int
    score: float
    ci_low: float
    ci_high: float


class Stale(Section):
    """Answers given after the documents changed that were right before."""

    n: int
    stale: int
    rate: float
    ci_low: float
    ci_high: float


class MultiHop(Section):
    """Questions over two documents: both facts trained, and the others."""

    trained: Cell | None = None
    untrained: Cell | None = None


class Decomposition(Section):
    """accuracy = recall · use_given_hit + (1 - recall) · luck_given_miss."""

    n: int
    hits: int = Field(description="prompts that held what the question needs")
    recall: float
    use_given_hit: float | None
    luck_given_miss: float | None
    accuracy: float


class MultiHopRetrieval(Section):
    """Shares of questions over two documents with both, or one, of their passages among the first k."""

    n: int
    both_at_1: float
    both_at_3: float
    both_at_5: float
    both_at_10: float
    one_at_1: float
    one_at_3: float
    one_at_5: float
    one_at_10: float


class Retrieval(Section):
    """How well passages were ranked, over questions whose document is named."""

    n: int
    recall_at_1: float
    recall_at_3: float
    recall_at_5: float
    mrr: float
    ndcg_at_10: float
    multi_hop: MultiHopRetrieval | None = None


class Percentiles(Section):
    """Seconds of questions asked one at a time."""

    p50: float | None
    p95: float | None
    n: int


class Latency(Section):
    """cold: as in a new process; warm: with the shared prefix read. Seconds; the first token's is warm."""

    cold: Percentiles
    warm: Percentiles
    ttft_p50: float | None


class Tokens(Section):
    """Mean tokens of a question; None where a contestant did not tell them."""

    prompt: float | None
    cached: float | None
    completion: float | None


class PlainModel(Section):
    """The same prompts, answered by the model without its trained reader."""

    model: str
    fingerprint: str
    overall: Cell
    categories: dict[str, Cell]
    refusal: Refusal
    completion_tokens: float


class Retention(Section):
    """What is left of what the model knew before it was trained: general questions, and how it foresees plain text."""

    asked: int = Field(description="general questions, without documents, told to guess")
    kept: Rate = Field(description="of those that the untrained model answers right, answered right after training")
    refused: int = Field(description='of these, answered with "unknown" now')
    gained: int = Field(description="answered right now and not before")
    perplexity_before: float | None = Field(description="of plain text of no domain; None without probabilities")
    perplexity: float | None


class SeedAccuracy(Section):
    """Accuracy after a training with this seed."""

    seed: int
    accuracy: float | None


class Refresh(Section):
    """What took in a changed document, and the seconds for one."""

    by: str
    seconds: float | None


class Usage(Section):
    """Mean use of one question, the covariance of these means (in this order), and what preparing took.

    Seconds are calibrated: on the clock, divided by how much longer work took than on a quiet machine.
    """

    read: float = Field(description="prompt tokens that were read anew")
    cached: float
    written: float
    retrieval_s: float
    generation_s: float
    operations: float | None = Field(description="floating-point, by formula; None where weights are unknown")
    covariance: list[list[float]]
    prefix_tokens: int = Field(description="tokens that all prompts of the method share")
    prefix_s: float
    prefix_operations: float | None
    index_s: float
    training_s: float
    training_tokens: int
    training_operations: float | None
    fixed_error: float = Field(0.0, description="standard error of the preparation's seconds, as a share of them")
    writing_s: float = Field(description="seconds in which training wordings were drafted")
    wordings_by_hand: int
    disk_bytes: int


class Sources(Section):
    """Where seconds, dollars and operations come from."""

    seconds: str = "measured"
    usd: str = "assumed"
    flops: str = "projected"


class Bill(Section):
    """What the method took on this machine: seconds measured, dollars at the assumed price, operations by formula.

    Seconds are calibrated, as those of the usage; `clock_s` and `processor_s` are what the whole method took.
    """

    prepare_s: float | None = Field(description="None of a contestant: how it was set up is not seen")
    per_query_s: float | None = Field(description="in batches; of a contestant, with several questions at once")
    prepare_usd: float | None
    per_query_usd: float | None = Field(description="None of a contestant that nobody gave a price for")
    per_correct_usd: float | None
    per_correct_ci: tuple[float, float | None] | None
    clock_s: float | None = Field(None, description="of everything that was done with the method, on the clock")
    processor_s: float | None = Field(None, description="the same in seconds of all processors that computed")
    prepare_flops: float | None
    per_query_flops: float | None
    sources: Sources = Sources()


class Weights(Section):
    """Fingerprints of the base weights around the method, and the adapter."""

    fingerprint_before: str | None
    fingerprint_after: str | None
    trained_parameters: int | None = Field(description="None of a contestant, whose weights are not seen")
    adapter_sha256: str | None


class Preparation(Section):
    """What preparing the method recorded; every method adds fields of its own."""

    model_config = ConfigDict(frozen=True, extra="allow")

    training_source: str | None = Field(None, description="wordings, self-study, both, or documents")
    adapter_reused: bool = False
    injected: tuple[str, ...] = ()
    left_out: tuple[str, ...] = Field((), description="documents that did not fit the window, or what it was cut to")
    limited_by: Literal["window", "inject_tokens"] = Field("window", description="what the documents had to fit")


class ContestantFacts(Section):
    """A system of the user's: where it was asked, what it did not answer, and what it told of its costs."""

    address: str = Field(description="without what follows a question mark")
    asked_with: Literal["http", "chat", "python", "file"]
    asked: str = Field(description="when the questions were put; what answers behind an address can change after that")
    not_answered: int = Field(description="questions without an answer; they are left out of every rate")
    why_not: dict[str, int] = Field(description="the reasons for that, with their numbers")
    returned_passages: bool
    price: float | None = Field(description="dollars a question, as the user gave them")
    told_n: int = Field(description="answers of which it told the price")
    told_usd: float | None = Field(description="their mean price in dollars")
    told_usd_sd: float | None


class LossPoint(Section):
    """Loss on the answer after a training step."""

    step: int
    loss: float


class Training(Section):
    """The adapter's training."""

    model_config = ConfigDict(frozen=True, extra="allow")

    seconds: float
    examples: int = 0
    curve: tuple[LossPoint, ...] = ()


class MethodResults(Section):
    """Everything about one method."""

    kind: Kind = Field(description="candidate: can be chosen; yardstick: for comparison only; contestant: the user's")
    context: str = Field(description="what it puts into the prompt: none, all documents, search, gold; unseen")
    adapted: bool = Field(description="whether an adapter was trained for it")
    overall: Cell = Field(description="answerable questions, without those asked after the documents changed")
    categories: dict[str, Cell]
    refusal: Refusal
    style: Style | None
    stale: Stale | None
    long_answers: LongAnswers | None = None
    multi_hop: MultiHop | None
    causes: dict[str, int] = Field(description="one cause for each answer that is not right")
    decomposition: Decomposition | None
    retrieval: Retrieval | None
    latency_s: Latency
    tokens: Tokens
    plain: PlainModel | None = None
    convergence: Cell | None = Field(None, description="the adapter's own training wordings, asked again")
    converged: bool | None = None
    retention: Retention | None = Field(None, description="of trained methods, where general questions were asked")
    seeds: tuple[SeedAccuracy, ...] = ()
    throughput_qps: float | None
    refresh: Refresh | None
    memory_peak_bytes: int | None
    disk_bytes: int | None
    usage: Usage | None = Field(description="None of a contestant")
    cost: Bill
    weights: Weights
    preparation: Preparation
    training: Training | None
    contestant: ContestantFacts | None = Field(None, description="of a system of the user's alone")

    def extra(self, name: str) -> Any:
        """A field that only this kind of method records of its preparation; None if it does not."""
        return (self.preparation.model_extra or {}).get(name)
