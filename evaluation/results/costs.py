"""The part of results.json about costs: what `trivium cost` prints for other prices and volumes."""

from typing import Literal

from pydantic import Field

from evaluation.results.section import Section
from evaluation.run.demand import Demand

Billing = Literal["machine", "gpu", "api"]


class Scenario(Demand):
    """The demand, the way of billing, and another corpus or model than the run's."""

    bill: Billing = Field("machine", description="this machine's seconds, operations on a GPU, or a service's tokens")
    cache_hits: float = Field(
        1, ge=0, le=1, allow_inf_nan=False, description="share of questions that find the injected corpus cached"
    )
    corpus_tokens: float | None = Field(None, gt=0, allow_inf_nan=False, description="None: as in the run")
    model_size: float | None = Field(None, gt=0, allow_inf_nan=False, description="weights; None: as in the run")


class SetUpPart(Section):
    """One thing that is paid before the first question."""

    name: str
    amount: float
    assumed: bool = Field(False, description="whether no measurement stands behind it")
    detail: str = ""


class CostRow(Section):
    """One method's costs under the scenario, in the book's currency."""

    fixed: float | None = Field(description="before the first question; None of a contestant: not known")
    setup: tuple[SetUpPart, ...] = Field((), description="what `fixed` consists of; empty in older runs")
    assumed: float | None = Field(None, description="part of `total` behind which no measurement stands")
    update: float | None = Field(description="for one changed document; as `fixed`")
    query: float
    query_ci: tuple[float, float]
    storage_month: float
    total: float | None = Field(description="over the scenario's months; as `fixed`")
    total_error: float = Field(description="half width of its 95 % interval, from the use that was measured")
    totals: list[float] = Field(description="after 1 to 36 months; none where the total is not known")
    per_correct: float | None = Field(description="a right answer's share of everything that is known")
    per_correct_ci: tuple[float, float | None] | None
    with_errors: float = Field(description="a question, with what wrong answers and unknowns cost the user")
    accuracy: float | None
    wrong: float
    unknown: float | None = Field(None, description="share of answerable questions; None in older runs")
    amortised: float = Field(description="a question's share of everything")
    fits: bool = Field(description="whether the injected corpus fits the window")
    source: str


class Crossing(Section):
    """Questions after which `a` has cost no more than `b`; None: never."""

    a: str
    b: str
    queries: float | None
    ci: tuple[float, float | None] | None
    reason: str


class CheapestFrom(Section):
    """The method that is cheapest from this volume on."""

    queries_per_month: float
    method: str


class BillTotals(Section):
    """What each method costs over the scenario, billed in one way."""

    bill: Billing
    totals: dict[str, float]
    largest: dict[str, str] = Field(description="what makes up most of each total")


class Took(Section):
    """What the comparison itself took, beside what was predicted."""

    seconds: float
    answering_s: float
    alone_s: float = Field(description="questions asked one at a time")
    grading_s: float
    prompt_tokens: int
    predicted_s: float | None
    predicted_prompt_tokens: int | None


class TookAndCost(Took):
    """The same with its price on this machine."""

    cost: float


class Growth(Section):
    """A growing corpus, in its tokens: injection beside retrieval. None: not up to ten million."""

    fits_until: float = Field(description="the largest corpus that the window holds")
    rag_cheaper_from: float | None = Field(description="the injected corpus always cached")
    rag_cheaper_from_uncached: float | None = Field(description="the corpus read again for each question")


class CostPage(Section):
    """All that command, report and app show of costs."""

    currency: str
    model_unpriced: str = Field(
        "", description="that token prices are not this model's; empty where they are, or not asked"
    )
    scenario: Scenario
    methods: dict[str, CostRow]
    unpriced: dict[str, str] = Field({}, description="contestants that nobody gave a price for, with the reason")
    bills: tuple[BillTotals, ...] = Field((), description="the same billed in each way; empty in older runs")
    break_even: list[Crossing]
    cheapest_from: list[CheapestFrom]
    pareto: list[str] = Field(description="methods that no other beats in both accuracy and cost")
    evaluation: TookAndCost
    growth: Growth | None
