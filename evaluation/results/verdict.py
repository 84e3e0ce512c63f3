"""The part of results.json about the decision: what to take, how sure that is, why, and what would turn it."""

from typing import Literal

from pydantic import Field

from evaluation.results.section import Section

Outcome = Literal["right", "unknown", "wrong"]
DecidedBy = Literal["right answers", "wrong answers", "cost", "expected loss", "nothing"]
# sure: established; likely: recommended, but not by a test of the answers; open: nothing recommended; failed: the audit
How = Literal["sure", "likely", "open", "failed"]


class Contrast(Section):
    """Rate of a minus rate of b over the same questions."""

    a: str
    b: str
    category: str
    outcome: Literal["right", "wrong"] = "right"
    family: Literal["primary", "secondary"]
    n_pairs: int
    n_facts: int
    difference: float
    ci_low: float = Field(description="of an interval that holds together with all others of its family")
    ci_high: float
    p_value: float = Field(description="corrected for the comparisons of the family, as the interval is")
    simultaneous: bool = Field(True, description="false in runs older than version 5, whose intervals are single ones")
    minimum_detectable: float = Field(description="difference that such a run detects in 80 of 100 cases")
    verdict: str = Field(description='"a" or "b" has more of the outcome, "too close to call", "too few facts to rank"')


class Coverage(Section):
    """What training was given. A fact is taught as a question, only read as text, or never seen."""

    asked: int = Field(description="facts that were asked for")
    taught: int = Field(description="of these, taught as a question")
    read: int = Field(description="of these, only read in training")
    facts: int = Field(description="of the domain")
    facts_taught: int | None = Field(description="None where training read the text of all documents")
    passages: int | None = Field(description="of the documents")
    passages_seen: int | None = Field(description="None where the domain does not say where its answers stand")


class Behind(Section):
    """Answers that a sentence or figure is about. An empty field sets no limit."""

    methods: tuple[str, ...] = ()
    category: str = ""
    outcome: Outcome | Literal[""] = ""
    cause: str = ""


class Reason(Section):
    """One sentence with the answers behind it."""

    text: str
    behind: Behind | None = None


class Badge(Section):
    """How sure the recommendation is, in a few words."""

    how: How
    text: str


class Verdict(Section):
    """What the figures allow to say."""

    summary: str = Field(description="the headline: what to take, in one sentence")
    recommended: str | None
    decided_by: DecidedBy = "nothing"
    badge: Badge
    how_sure: str = Field("", description="intervals, and what the run could have detected")
    coverage: str = Field("", description="what training covered; empty where no trained method is compared")
    why: list[Reason] = Field([], description="three sentences at most")
    turns: list[str] = Field([], description="what would turn the recommendation")
    next_run: list[str] = Field([], description="what to run to settle what is open")
    caveats: list[str] = Field([], description="where another method is better, or this one weak; the audit's warnings")
    ranking: list[str] = Field([], description="methods that can be recommended, most right answers first")
    reasons: list[str] = Field(description="every comparison of the primary family in words, then the caveats")
    coverage_needed: float | None = Field(description="share of trained facts above which lora beats rag overall")
