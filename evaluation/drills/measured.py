"""What is measured where: points, the work that they are, and the answers that were given there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.schema import Question
from evaluation.analysis.breakdown import cell
from evaluation.grading.rules import GradeName
from evaluation.results.drill import DrillPoint


@dataclass(frozen=True)
class Work:
    """What measuring a point takes, for the prediction.

    Args:
        answers: questions answered in batches, each with `tokens` of context that no other has.
        shared: tokens that are read together, `times` times.
        alone: questions answered one at a time.
        steps: of training.
        seconds: anything else.
    """

    answers: float = 0
    tokens: float = 0
    shared: float = 0
    times: float = 1
    alone: float = 0
    steps: float = 0
    seconds: float = 0


@dataclass(frozen=True)
class Point:
    """One method at one setting. What is measured at a point is kept together, or not at all."""

    method: str
    setting: str  # in words, as tables and charts name it
    x: float | None = None
    given: Mapping[str, Any] = field(default_factory=dict, hash=False)  # what `measure` has to know; plain values
    work: Work = Work()

    @property
    def key(self) -> str:
        return f"{self.method}: {self.setting}"


@dataclass(frozen=True)
class Reply:
    """An answer with its grade. `more`: what the drill wants to keep of it."""

    question: Question
    text: str
    grade: GradeName
    seconds: float = 0.0  # of its batch, divided evenly; calibrated to a quiet machine
    tokens: int = 0  # written
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        return self.grade is GradeName.CORRECT


@dataclass(frozen=True)
class Measured:
    """What was measured at a point: answers, and figures by name."""

    replies: Sequence[Reply] = ()
    figures: Mapping[str, float | None] = field(default_factory=dict)

    def at(self, point: Point, seconds: float) -> DrillPoint:
        """The point with its counts and intervals. To refuse what nothing answers is no right answer, but a figure."""
        graded = [(reply.question, reply, reply.grade) for reply in self.replies if reply.question.answerable]
        return DrillPoint(
            method=point.method, setting=point.setting, x=point.x, cell=cell(graded) if graded else None,
            figures=dict(self.figures), seconds=seconds,
        )  # fmt: skip
