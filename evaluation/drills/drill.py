"""What a drill is: a question, points at which it is measured, and how these are told. One file adds another."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from evaluation.drills.figures import Found, accuracy_curve, outcomes_table
from evaluation.drills.measured import Measured, Point
from evaluation.results.drill import Curve, DrillPoint, DrillTable

if TYPE_CHECKING:
    from evaluation.drills.bench import Bench


class Drill(ABC):
    """An experiment on top of a run. The question that it answers is the first paragraph of its module.

    `points` and `measure` are all that a drill has to have; the rest can be told in its own way.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    axis: ClassVar[str] = ""  # what the numbers of its settings are; empty: settings are no numbers
    version: ClassVar[int] = 1  # higher: what an earlier version measured does not count any more

    @property
    def question(self) -> str:
        """What it asks, in words."""
        text = sys.modules[type(self).__module__].__doc__ or type(self).__doc__ or self.title
        return " ".join(text.strip().split("\n\n")[0].split())

    @abstractmethod
    def points(self, bench: "Bench") -> Sequence[Point]:
        """What is measured, in order. What cannot be is told with `bench.leave_out`."""

    @abstractmethod
    def measure(self, bench: "Bench", point: Point) -> Measured:
        """Measure one point.

        Raises:
            Incapable: this cannot be measured with this model; the sentence stands in the results.
        """

    def settings(self, bench: "Bench") -> dict[str, str | int | float | None]:
        """What it is carried out with, for the record."""
        return {"questions": bench.many}

    def projected(self, bench: "Bench", found: Found) -> Iterator[DrillPoint]:
        """Points that were not measured but follow from those that were; they are marked as such everywhere."""
        yield from ()

    def tables(self, found: Found) -> list[DrillTable]:
        return [outcomes_table(found, self.title)]

    def curves(self, found: Found) -> list[Curve]:
        return [accuracy_curve(found, self.title, self.axis or "setting")]

    def sentences(self, found: Found) -> list[str]:
        """What was found, in words: each method's last setting against its first."""
        return found.changes()

    def finished(self, bench: "Bench") -> None:
        """Remove what was made only to measure."""
        return None
