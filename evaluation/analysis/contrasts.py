"""Paired differences between methods, in two families that are each corrected for their number."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from data.schema import Category
from evaluation.analysis.breakdown import SCORED, Graded
from evaluation.analysis.statistics import RANKABLE, TOO_FEW, contrast, holm
from evaluation.grading.rules import GradeName
from evaluation.results.schema import Contrast
from evaluation.run.registry import candidates, primary_pairs

OVERALL = "overall"
Rows = Callable[[str, str], Graded]  # graded answers of a method in a phase
Weights = Mapping[str, float] | None  # by category


def _right(graded: Graded, category: str) -> dict[str, tuple[Any, bool]]:
    """Scored answerable questions of a category by id, and whether they were answered right."""
    return {
        question.id: (question, grade is GradeName.CORRECT)
        for question, _, grade in graded
        if question.answerable and grade in SCORED and category in (OVERALL, str(question.category))
    }


def _measured(a: str, b: str, category: str, rows: Rows, weights: Weights, seed: int) -> dict[str, Any] | None:
    """One contrast before its correction; None where the two share no scored question of the category."""
    phase = "updated" if category == Category.UPDATED else "main"
    first, second = (_right(rows(name, phase), category) for name in (a, b))
    pairs = [(*first[identity], second[identity][1]) for identity in first if identity in second]
    if not pairs:
        return None
    weigh = weights if category == OVERALL else None
    measured = contrast(
        [right for _, right, _ in pairs],
        [right for _, _, right in pairs],
        [question.fact_id for question, _, _ in pairs],
        seed,
        [weigh[str(question.category)] for question, _, _ in pairs] if weigh else None,
    )
    return {"a": a, "b": b, "category": category, **vars(measured)}


def _decided(row: Mapping[str, Any]) -> str:
    """Who is ahead: "a", "b", or neither."""
    if row["n_facts"] < RANKABLE:
        return TOO_FEW
    if row["p_holm"] < 0.05 and (row["ci_low"] > 0 or row["ci_high"] < 0):
        return "a" if row["difference"] > 0 else "b"
    return "too close to call"


def _corrected(rows: list[dict[str, Any]], family: str) -> list[Contrast]:
    p_values = holm([row["p_value"] for row in rows])
    full = [row | {"family": family, "p_holm": p} for row, p in zip(rows, p_values, strict=True)]
    return [Contrast(**row, verdict=_decided(row)) for row in full]


def family_contrasts(names: Sequence[str], rows: Rows, weights: Weights, seed: int) -> list[Contrast]:
    """The primary family, then as exploratory family all other pairs and the primary pairs by category."""
    primary = primary_pairs(names)
    pairs = combinations(candidates(names), 2)
    others = [pair for pair in pairs if not any(set(pair) == set(named) for named in primary)]
    asked = [question for name in names for phase in ("main", "updated") for question, _, _ in rows(name, phase)]
    kinds = dict.fromkeys(str(question.category) for question in asked if question.answerable)
    families = {
        "primary": [(*pair, OVERALL) for pair in primary],
        "secondary": [(*pair, OVERALL) for pair in others] + [(*pair, kind) for pair in primary for kind in kinds],
    }
    found: list[Contrast] = []
    for family, members in families.items():
        measured = [row for member in members if (row := _measured(*member, rows, weights, seed))]
        found += _corrected(measured, family)
    return found
