"""Counts and rates: what the cells of every table hold."""

from pydantic import Field

from evaluation.results.section import Section


class Rate(Section):
    """A share with its denominator and 95 % interval. The share is None where n is 0, never 0."""

    n: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None


class Outcomes(Section):
    """The three outcomes of a graded answer to an answerable question, as shares that add up to 1."""

    right: Rate
    unknown: Rate
    wrong: Rate


class Cell(Section):
    """Counts, accuracy and its 95 % interval of some answers to answerable questions."""

    n: int = Field(description="answers")
    n_facts: int = Field(description="facts that the graded answers are about: the unit of the interval")
    correct: int
    wrong: int
    abstained: int
    unscored: int = Field(description="answers that nothing can grade; no denominator counts them")
    accuracy: float | None = Field(description="correct / (n - unscored), weighted by the traffic mix if one is given")
    ci_low: float | None
    ci_high: float | None
    outcomes: Outcomes

    @property
    def scored(self) -> int:
        """The denominator of the accuracy."""
        return self.n - self.unscored


class Refusal(Section):
    """How often a method answered "unknown": rightly, and where there was an answer."""

    unanswerable_refused: float | None
    ci_low: float | None
    ci_high: float | None
    n_unanswerable: int
    answerable_refused: float | None
    n_answerable: int
