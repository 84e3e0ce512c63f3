"""Which method is recommended, and by what: more right answers, fewer wrong ones, lower cost; or expected loss.

The order: more right answers; among the methods that cannot be told apart from the best in these, fewer wrong ones;
among those left, lower cost. Where the user has set a price for a wrong answer or an "unknown", expected loss decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import hypot
from typing import Literal

from evaluation.analysis.statistics import RANKABLE
from evaluation.results.costs import CostPage
from evaluation.results.method import MethodResults
from evaluation.results.schema import Audit, Ending
from evaluation.results.verdict import Contrast, Coverage, DecidedBy

Tested = Literal["right", "wrong"]
State = Literal["decided", "open", "audit failed", "nothing to compare", "too few facts", "taught facts alone"]


@dataclass(frozen=True)
class Lead:
    """A contrast told for one of its methods: how much more of the outcome it has than the other."""

    row: Contrast
    first: bool  # whether it is the contrast's a

    @property
    def difference(self) -> float:
        return self.row.difference if self.first else -self.row.difference

    @property
    def ends(self) -> tuple[float, float]:
        low, high = self.row.ci_low, self.row.ci_high
        return (low, high) if self.first else (-high, -low)

    @property
    def more(self) -> bool:
        """Whether it is established that the method has more of the outcome."""
        return self.row.verdict == ("a" if self.first else "b")

    @property
    def less(self) -> bool:
        return self.row.verdict == ("b" if self.first else "a")


@dataclass(frozen=True)
class Case:
    """All that a recommendation goes by."""

    methods: Mapping[str, MethodResults]
    contrasts: Sequence[Contrast]
    audit: Audit
    costs: CostPage
    coverage: Coverage | None = None
    weighted: bool = False  # whether overall rates follow a traffic mix, so that counts say something else
    ending: Ending | None = None  # of a run until decided

    def lead(self, name: str, other: str, outcome: Tested, category: str = "overall") -> Lead | None:
        """The contrast of two methods, told for the first; None where the run has none."""
        for row in self.contrasts:
            if {row.a, row.b} == {name, other} and (row.outcome, row.category) == (outcome, category):
                return Lead(row, row.a == name)
        return None

    @cached_property
    def ranking(self) -> list[str]:
        """Methods that can be recommended, most right answers first: no yardstick, no training that failed."""
        right = {
            name: method.overall.accuracy
            for name, method in self.methods.items()
            if method.kind != "yardstick" and method.converged is not False and method.overall.accuracy is not None
        }
        return sorted(right, key=lambda name: -(right[name] or 0.0))

    @property
    def priced(self) -> bool:
        """Whether the user has said what errors cost."""
        return self.costs.scenario.wrong_answer > 0 or self.costs.scenario.no_answer > 0


@dataclass(frozen=True)
class Choice:
    """What is recommended, by what, and what it could not be told apart from on the way."""

    state: State
    recommended: str | None = None
    by: DecidedBy = "nothing"
    certain: bool = False  # whether what decided is established
    alike_in_right: list[str] = field(default_factory=list)  # the best, and what cannot be told apart from it
    alike_in_wrong: list[str] = field(default_factory=list)  # of these, the same in wrong answers


def choose(case: Case) -> Choice:
    """The recommendation that the figures allow."""
    if any(check.passed is False for check in case.audit.checks):
        return Choice("audit failed")
    if len(case.ranking) < 2:
        return Choice("nothing to compare")
    if case.methods[case.ranking[0]].overall.n_facts < RANKABLE:
        return Choice("too few facts")
    choice = by_expected_loss(case) if case.priced else by_outcomes(case)
    if choice.recommended and rests_on_taught_facts(case, choice.recommended):
        return Choice("taught facts alone", alike_in_right=[choice.recommended])
    return choice


def rests_on_taught_facts(case: Case, name: str) -> bool:
    """Whether a trained method was asked nothing but what it was taught, while training left passages out."""
    known = case.coverage
    if not case.methods[name].adapted or known is None or known.taught < known.asked:
        return False
    return known.passages_seen is None or known.passages is None or known.passages_seen < known.passages


def by_outcomes(case: Case) -> Choice:
    """Right answers, then wrong ones, then cost."""
    best = case.ranking[0]
    alike = [best, *(name for name in case.ranking[1:] if not _established(case, best, name, "right"))]
    if len(alike) == 1:
        return Choice("decided", best, "right answers", True, alike, alike)
    safest = min(alike, key=lambda name: case.methods[name].overall.outcomes.wrong.rate or 0.0)
    left = [safest, *(name for name in alike if name != safest and not _established(case, name, safest, "wrong"))]
    if len(left) == 1:
        return Choice("decided", safest, "wrong answers", True, alike, left)
    left.sort(key=case.ranking.index)
    cheapest = _cheapest(case, left)
    if cheapest is None:
        return Choice("open", alike_in_right=alike, alike_in_wrong=left)
    return Choice("decided", cheapest, "cost", False, alike, left)


def _established(case: Case, name: str, other: str, outcome: Tested) -> bool:
    """Whether it is established that a method has more of an outcome than another."""
    lead = case.lead(name, other, outcome)
    return lead is not None and lead.more


def _cheapest(case: Case, names: Sequence[str]) -> str | None:
    """The method whose whole bill is the smallest, by more than the bills may be wrong; None where none is."""
    rows = {name: row for name in names if (row := case.costs.methods.get(name)) and row.fits}
    bills = {name: row.total for name, row in rows.items() if row.total is not None}
    if len(bills) < len(names):
        return None
    first = min(bills, key=lambda name: bills[name])
    if all(bills[name] - bills[first] > _unsure(case, name, first) for name in names if name != first):
        return first
    return None


def _unsure(case: Case, name: str, other: str) -> float:
    """What the difference of two bills may be wrong by: both half widths, taken as independent."""
    rows = case.costs.methods[name], case.costs.methods[other]
    return hypot(*(row.total_error for row in rows))


def by_expected_loss(case: Case) -> Choice:
    """The method of which a question costs least with what its wrong answers and unknowns cost the user."""
    losses = {
        name: row.with_errors for name in case.ranking if (row := case.costs.methods.get(name)) is not None and row.fits
    }
    if not losses:
        return Choice("open")
    best = min(losses, key=lambda name: losses[name])
    known = case.costs.methods[best].total is not None  # of a contestant, nobody knows what it took to set up
    certain = known and all(least_extra_loss(case, name, best) > 0 for name in losses if name != best)
    return Choice("decided", best, "expected loss", certain, list(losses))


def least_extra_loss(case: Case, name: str, best: str) -> float:
    """The least by which a question with `name` costs more than with `best`; below 0 where that is not established.

    With w and u the prices of a wrong answer and an "unknown", and unknown = 1 - right - wrong, the difference is
    Δcost + (w - u) Δwrong - u Δright. Both intervals hold at once, so that their worst ends bound it.
    """
    wrong, right = case.lead(name, best, "wrong"), case.lead(name, best, "right")
    if wrong is None or right is None:
        return float("-inf")
    scenario, rows = case.costs.scenario, case.costs.methods
    w, u = scenario.wrong_answer, scenario.no_answer
    cost = rows[name].amortised - rows[best].amortised - _unsure(case, name, best) / scenario.queries
    return cost + min((w - u) * end for end in wrong.ends) - u * max(right.ends)
