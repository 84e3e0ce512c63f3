"""Whether the answers that are there decide, looked at while a run asks: one method ahead, or none by much."""

from collections.abc import Sequence
from typing import Any

from data.schema import Question
from evaluation.analysis.breakdown import mix_weights
from evaluation.analysis.choice import Lead
from evaluation.analysis.contrasts import Graded, contrasts_until_decided
from evaluation.analysis.statistics import RANKABLE
from evaluation.analysis.verdict import CONVERGED
from evaluation.grading.rules import GradeName
from evaluation.results.verdict import Contrast
from evaluation.run.folder import RunFolder
from evaluation.run.registry import candidates, seed_of, spec_of
from evaluation.run.rounds import Decided


def decided(folder: RunFolder, scores: Sequence[dict[str, Any]], asked: Sequence[Question]) -> Decided | None:
    """What the answers to these questions decide; None: they leave it open.

    Methods whose training did not converge do not compete: they are not recommended either.

    Args:
        scores: lines of scores.jsonl.
        asked: answerable questions, each of which every competing method was asked.
    """
    record, known, ids = folder.record(), folder.questions(), {question.id for question in asked}
    seed = int(record["settings"]["seed"])

    def rows(name: str, phase: str) -> Graded:
        key = (name, seed_of(name, seed), phase)
        mine = (row for row in scores if (row["method"], row["seed"], row["phase"]) == key)
        return [(known[row["question_id"]], row, GradeName(row["grade"])) for row in mine if row["question_id"] in ids]

    names = [
        name for name in candidates(record["settings"]["methods"]) if rows(name, "main") and _converged(name, scores)
    ]
    weights = mix_weights([known[question.id] for question in asked], record["domain"]["mix"])
    contrasts = contrasts_until_decided(names, rows, weights, by_category=False)
    return by_contrasts(names, contrasts, record["settings"]["smallest"] / 100)


def _converged(name: str, scores: Sequence[dict[str, Any]]) -> bool:
    """Whether a trained method answers its own training wordings; true where there were none."""
    training = spec_of(name).training
    own = [row for row in scores if training and row["phase"] == "convergence"]
    grades = [row["grade"] for row in own if spec_of(row["method"]).training == training]
    return not grades or grades.count(GradeName.CORRECT) >= CONVERGED * len(grades)


def by_contrasts(names: Sequence[str], contrasts: Sequence[Contrast], smallest: float) -> Decided | None:
    """ahead: one has established more right answers than every other; alike: than those of which it has not, it has
    less than `smallest` more or fewer."""
    right = [row for row in contrasts if row.outcome == "right"]
    leads = {name: [Lead(row, row.a == name) for row in right if name in (row.a, row.b)] for name in names}
    best = next((name for name in names if all(lead.difference >= 0 for lead in leads[name])), None)
    if best is None or not leads[best] or any(row.n_facts < RANKABLE for row in right):
        return None
    if all(lead.more for lead in leads[best]):
        return "ahead"
    near = [lead.ends for lead in leads[best] if not lead.more]
    return "alike" if all(-smallest < low and high < smallest for low, high in near) else None
