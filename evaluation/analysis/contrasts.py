"""Paired differences between methods in right and in wrong answers, in two families that are each corrected."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from data.schema import Category, Question
from evaluation.analysis.breakdown import SCORED, Graded
from evaluation.analysis.simultaneous import Difference, Pairs, simultaneous
from evaluation.analysis.statistics import RANKABLE, TOO_FEW
from evaluation.grading.rules import GradeName
from evaluation.results.verdict import Contrast
from evaluation.run.registry import candidates, primary_pairs

OVERALL = "overall"
GRADES = {"right": GradeName.CORRECT, "wrong": GradeName.WRONG}
Rows = Callable[[str, str], Graded]  # graded answers of a method in a phase
Weights = Mapping[str, float] | None  # by category


@dataclass(frozen=True)
class Comparison:
    """What is compared: an outcome of two methods, over all questions or those of a category."""

    a: str
    b: str
    outcome: Literal["right", "wrong"]
    category: str = OVERALL

    def pairs(self, rows: Rows, weights: Weights) -> Pairs:
        """The questions that were scored for both methods."""
        phase = "updated" if self.category == Category.UPDATED else "main"
        first, second = (self._scored(rows(name, phase)) for name in (self.a, self.b))
        shared = [(question, grade, second[i][1]) for i, (question, grade) in first.items() if i in second]
        wanted = GRADES[self.outcome]
        weigh = weights if self.category == OVERALL else None
        return Pairs(
            [grade is wanted for _, grade, _ in shared],
            [grade is wanted for _, _, grade in shared],
            [question.fact_id for question, _, _ in shared],
            [weigh[str(question.category)] for question, _, _ in shared] if weigh else None,
        )

    def _scored(self, graded: Graded) -> dict[str, tuple[Question, GradeName]]:
        return {
            question.id: (question, grade)
            for question, _, grade in graded
            if question.answerable and grade in SCORED and self.category in (OVERALL, str(question.category))
        }


def _decided(found: Difference) -> str:
    """Who has more of the outcome: "a", "b", or neither."""
    if found.n_facts < RANKABLE:
        return TOO_FEW
    if not found.ahead:
        return "too close to call"
    return "a" if found.difference > 0 else "b"


def _contrasts(family: Literal["primary", "secondary"], members: Sequence[Comparison], rows: Rows, weights: Weights,
               seed: int) -> list[Contrast]:  # fmt: skip
    known = [(member, pairs) for member in members if len((pairs := member.pairs(rows, weights)).a)]
    found = simultaneous([pairs for _, pairs in known], seed)
    return [
        Contrast(**vars(member), family=family, **vars(row), verdict=_decided(row))
        for (member, _), row in zip(known, found, strict=True)
    ]


def family_contrasts(names: Sequence[str], rows: Rows, weights: Weights, seed: int) -> list[Contrast]:
    """The primary family: right and wrong answers of the pairs named before any run.

    Then, as exploratory family, those of all other pairs and the primary pairs' right answers by category.
    """
    primary = primary_pairs(names)
    pairs = combinations(candidates(names), 2)
    others = [pair for pair in pairs if not any(set(pair) == set(named) for named in primary)]
    asked = [question for name in names for phase in ("main", "updated") for question, _, _ in rows(name, phase)]
    kinds = dict.fromkeys(str(question.category) for question in asked if question.answerable)
    outcomes: tuple[Literal["right", "wrong"], ...] = ("right", "wrong")
    first = [Comparison(*pair, outcome) for outcome in outcomes for pair in primary]
    second = [Comparison(*pair, outcome) for outcome in outcomes for pair in others]
    second += [Comparison(*pair, "right", kind) for pair in primary for kind in kinds]
    return _contrasts("primary", first, rows, weights, seed) + _contrasts("secondary", second, rows, weights, seed)
