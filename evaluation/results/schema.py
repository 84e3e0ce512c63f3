"""results.json as a whole. docs/results.md explains the fields; docs/results.schema.json is made from these classes."""

from typing import Any, Literal

from pydantic import Field

from evaluation.results.costs import Billing, CostPage, Crossing, Took
from evaluation.results.method import MethodResults
from evaluation.results.rates import Cell
from evaluation.results.section import Section
from evaluation.results.verdict import Contrast, Coverage, Verdict
from model.operations import Shapes

VERSION: Literal[5] = 5


class Estimate(Section):
    """Seconds predicted before the run, and taken."""

    predicted_s: float | None
    actual_s: float


class Speed(Section):
    """How busy the machine was: how many times longer than on a quiet one work took."""

    samples: int = Field(description="batches of answers")
    median: float = Field(description="of the batches")
    most: float = Field(description="of all work of one method")
    busy: bool = Field(description="whether it moved by more than a tenth")


class Ending(Section):
    """How a run until decided ended."""

    planned: int = Field(description="answerable questions that there were to ask")
    asked: int = Field(description="of these, in random order")
    why: Literal["ahead", "alike", "all asked"] = Field(
        description="a method ahead of all others; no difference of `smallest` left between those in front; neither"
    )
    smallest: float = Field(description="points; smaller differences do not matter")


class RunFacts(Section):
    """How the run was made."""

    id: str
    profile: str
    seeds: list[int] = Field(description="of trainings")
    status: str
    created: str
    versions: dict[str, str]
    usd_per_hour: float = Field(description="assumed price of the machine")
    token_prices: dict[str, float] = Field({}, description="other prices of the price book that the user gave")
    took: Took
    ending: Ending | None = Field(None, description="of a run until decided; None of one that asked all it was to ask")
    speed: Speed | None = Field(None, description="None in runs of earlier versions")
    estimate: Estimate


class DomainFacts(Section):
    """What the run was about."""

    name: str
    n_documents: int
    n_questions: int
    n_facts: int
    n_asked: int
    n_updates: int
    weighted: bool = Field(description="whether overall accuracy follows the domain's traffic mix")
    mix: dict[str, float] = Field(default_factory=dict)
    gate: dict[str, float] = Field(default_factory=dict)
    instruction: str
    language: str = Field("en", description="ISO 639-1, of documents, prompt and grading")
    style_pattern: str = ""
    corpus_tokens: int
    question_tokens: float


class ModelFacts(Section):
    """The base model."""

    name: str
    parameters: int | None = Field(description="None where the model shows no weights")
    window: int
    device: str
    fingerprint: str | None = Field(description="None where the model shows no weights")
    identity: dict[str, Any] = Field({}, description="digests of all that decides what the model answers")
    bill: Billing = Field("machine", description="how its answers are paid: by the machine's hour, or by the token")
    unknown: str = Field("", description="why weights and operations are n/a; empty where they are not")
    refuse_above: float | None = None
    plain_name: str = ""
    plain_fingerprint: str = ""
    shapes: Shapes | None

    @property
    def greedy(self) -> bool:
        """Whether it was asked for the likeliest token each time; not every served model takes a temperature."""
        return self.identity.get("temperature") is not False

    @property
    def at_provider(self) -> str:
        """What the server that answers calls it, with the date that it may add."""
        return str(self.identity.get("answers_as") or self.name.partition(":")[2] or self.name)


class FittedOn(Section):
    """Agreement of the grader with people on public answers that it was not fitted on."""

    n: int
    kappa: float
    ci_low: float
    ci_high: float


class GraderFacts(Section):
    """Who graded, and how far the grader agrees with people."""

    kappa: float | None = Field(description="on answers of this run that people labelled")
    ci_low: float | None
    ci_high: float | None
    precision: float | None = None
    recall: float | None = None
    labels: int
    warning: str
    by: dict[str, int] = Field(description="answers graded by rules, the fitted model, a person")
    doubtful: int
    public: FittedOn | None = Field(None, description="None in runs older than version 4, and where it is not English")
    rules: str = Field("", description="digest of the rules and coefficients that graded; empty in older runs")


class AuditCheck(Section):
    """One check of the run's own files; passed is None if the run does not hold what it needs."""

    name: str
    passed: bool | None
    detail: str


class LeakFacts(Section):
    """A test wording that training has seen."""

    test_id: str
    train_id: str
    kind: str


class Audit(Section):
    """Whether the comparison was what it claims to be."""

    checks: list[AuditCheck]
    leaks: list[LeakFacts]
    coverage: str = Field(description="what training covered, in words; empty if nothing was trained")
    answerable_by: dict[str, int | None] = Field(description="questions for which a method had the means to answer")
    base_knowledge: Cell = Field(description="the base model told to guess, without any document")
    warnings: list[str]


class FindingFacts(Section):
    """One thing to know when these figures are read."""

    severity: Literal["error", "warning", "note"]
    place: str = Field(description="what it is about: a file, a question, a setting, the audit; may be empty")
    sentence: str
    remedy: str = Field("", description="what can be done about it; empty where nothing need be done")


class Measured(Section):
    """What was measured of a run; costs are computed from this."""

    schema_version: Literal[5] = VERSION
    run: RunFacts
    domain: DomainFacts
    model: ModelFacts
    grader: GraderFacts
    methods: dict[str, MethodResults]


class Results(Measured):
    """All figures of a run. Every rate has its n; a figure that nothing measured is None, never 0."""

    not_applicable: dict[str, str] = Field({}, description="methods that the model cannot be asked with, and why")
    findings: list[FindingFacts] = Field([], description="known before the run, then the audit's warnings")
    contrasts: list[Contrast]
    coverage: Coverage | None = Field(
        None, description="of training; None where nothing was trained, and in older runs"
    )
    verdict: Verdict
    audit: Audit
    costs: CostPage
    break_even: list[Crossing]

    @property
    def categories(self) -> list[str]:
        """Kinds of question that were asked, in the order of the first method that was asked them."""
        return list(dict.fromkeys(kind for method in self.methods.values() for kind in method.categories))
