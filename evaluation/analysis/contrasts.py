"""Paired differences between methods in right and in wrong answers, in two families that are each corrected."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from data.schema import Category, Question
from evaluation.analysis.anytime import anytime
from evaluation.analysis.breakdown import SCORED
from evaluation.analysis.simultaneous import Difference, Pairs, simultaneous
from evaluation.analysis.statistics import RANKABLE, TOO_FEW
from evaluation.grading.rules import GradeName
from evaluation.results.verdict import Contrast
from evaluation.run.registry import candidates, primary_pairs

OVERALL = "overall"
GRADES = {"right": GradeName.CORRECT, "wrong": GradeName.WRONG}
Graded = Sequence[tuple[Question, object, GradeName]]
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
               seed: int | None) -> list[Contrast]:  # fmt: skip
    """Their differences; without a seed those that hold whenever the run ended."""
    known = [(member, pairs) for member in members if len((pairs := member.pairs(rows, weights)).a)]
    compared = [pairs for _, pairs in known]
    found = anytime(compared) if seed is None else simultaneous(compared, seed)
    return [
        Contrast(**vars(member), family=family, **vars(row), verdict=_decided(row))
        for (member, _), row in zip(known, found, strict=True)
    ]


def _overall(pairs: Iterable[tuple[str, str]]) -> list[Comparison]:
    """Right and wrong answers of these pairs, over all questions."""
    outcomes: tuple[Literal["right", "wrong"], ...] = ("right", "wrong")
    kept = list(pairs)
    return [Comparison(*pair, outcome) for outcome in outcomes for pair in kept]


def family_contrasts(names: Sequence[str], rows: Rows, weights: Weights, seed: int) -> list[Contrast]:
    """The primary family: right and wrong answers of the pairs named before any run.

    Then, as exploratory family, those of all other pairs and the primary pairs' right answers by category.
    """
    primary = primary_pairs(names)
    pairs = combinations(candidates(names), 2)
    others = [pair for pair in pairs if not any(set(pair) == set(named) for named in primary)]
    second = _overall(others) + _by_category(primary, names, rows)
    return [
        *_contrasts("primary", _overall(primary), rows, weights, seed),
        *_contrasts("secondary", second, rows, weights, seed),
    ]


def contrasts_until_decided(
    names: Sequence[str], rows: Rows, weights: Weights, by_category: bool = True
) -> list[Contrast]:
    """Those of a run that looks at its answers while it asks: every pair was named before it, so all are primary."""
    first = _contrasts("primary", _overall(combinations(candidates(names), 2)), rows, weights, None)
    second = _by_category(primary_pairs(names), names, rows) if by_category else []
    return first + _contrasts("secondary", second, rows, weights, None)


def _by_category(pairs: Sequence[tuple[str, str]], names: Sequence[str], rows: Rows) -> list[Comparison]:
    """Right answers of these pairs by kind of question."""
    asked = [question for name in names for phase in ("main", "updated") for question, _, _ in rows(name, phase)]
    kinds = dict.fromkeys(str(question.category) for question in asked if question.answerable)
    return [Comparison(*pair, "right", kind) for pair in pairs for kind in kinds]
