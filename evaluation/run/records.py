"""What a method answered, with everything that was measured on the way."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# probe: closed book without the permission to abstain; updated: after the documents changed; plain: the model without
# its trained reader; retention: general questions, closed book
Phase = Literal["main", "convergence", "probe", "updated", "plain", "retention"]
STEPS: dict[Phase, str] = {
    "main": "answering", "convergence": "trained wordings", "probe": "what the base model knows",
    "updated": "asking about changes", "plain": "asking {plain}", "retention": "general questions",
}  # fmt: skip
Count = Annotated[int, Field(ge=0, le=2**53)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Slowdown = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NOT_ANSWERED = "not answered"  # how the finish reason of a contestant's question begins that has no answer


class UsedContext(BaseModel):
    """A passage in the prompt."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    chunk_id: str
    score: float | None


class Answer(BaseModel):
    """One line of answers.jsonl."""

    model_config = ConfigDict(frozen=True)

    method: str
    question_id: str
    seed: int  # of the training, 0 for methods without an adapter
    phase: Phase
    batch: Count
    batch_rows: Count  # answers in this batch: fewer lines than that mean that the batch was torn by a kill
    answer: str
    finish_reason: str
    prompt_sha256: str
    prompt_tokens: Count
    cached_tokens: Count
    completion_tokens: Count
    retrieval_s: Amount
    generation_s: Amount
    slowdown: Slowdown = 1.0  # how many times longer than on a quiet machine work took then (model/speed.py)
    contexts: tuple[UsedContext, ...] = ()
    adapter: str = ""  # first 16 digits of the SHA-256 of the adapter that answered, nothing for the base weights
    tokens_known: bool = True  # False: a contestant did not say how many tokens it used, and they are 0 here
    usd: Amount | None = None  # what a contestant says that the answer cost

    @property
    def given(self) -> str | None:
        """The answer; None where there is none, so that nothing is graded."""
        return None if self.finish_reason.startswith(NOT_ANSWERED) else self.answer


class Latency(BaseModel):
    """One line of latency.jsonl: a question asked alone."""

    model_config = ConfigDict(frozen=True)

    method: str
    question_id: str
    cold: bool
    ttft_s: Amount | None  # None: when the first token came is not known
    total_s: Amount
    slowdown: Slowdown = 1.0


class _Settings(BaseModel):
    """Of the settings in run.json, what reading a run needs."""

    model_config = ConfigDict(allow_inf_nan=False)

    seed: int = 0
    methods: list[str] = []
    usd_per_hour: Amount = 0.0


class _Identity(BaseModel):
    """What the run was made from, as digests by name (evaluation/run/identity.py)."""

    model: dict[str, Any] = {}
    embedder: dict[str, Any] = {}
    prompt: dict[str, Any] = {}
    documents: dict[str, Any] = {}
    updates: dict[str, Any] = {}
    questions: dict[str, Any] = {}
    contestants: dict[str, Any] = {}
    training: list[str] = []


class _AnsweredBy(BaseModel):
    """Actors that gave answers, in one start of the run (evaluation/run/actors.py)."""

    processes: Count
    machines: Count
    kinds: list[str]


class RunRecord(BaseModel):
    """The form of run.json, as far as every version and every kind of run has it."""

    model_config = ConfigDict(allow_inf_nan=False)

    status: str
    digest: str = ""
    settings: _Settings
    domain: dict[str, Any] = {}
    model: dict[str, Any] = {}
    training: dict[str, Any] = {}
    identity: _Identity = _Identity()
    methods: dict[str, dict[str, dict[str, Any]]] = {}
    seconds: Amount = 0.0
    lines: dict[str, int] = {}
    versions: dict[str, str] = {}
    findings: list[dict[str, str]] = []
    answered_by: list[_AnsweredBy] = []
