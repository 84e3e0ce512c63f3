"""Counts, rates and intervals of some answers: what the cells of every table hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.schema import Question
from evaluation.analysis.statistics import rate_interval
from evaluation.grading.rules import GradeName
from evaluation.run.records import Answer, Latency

SCORED = (GradeName.CORRECT, GradeName.WRONG, GradeName.ABSTAINED)
Graded = list[tuple[Question, Answer, GradeName]]


def cell(graded: Graded, weights: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Counts, accuracy and interval of some answers. Accuracy is None where nothing was scored, never 0."""
    counts = Counter(grade for _, _, grade in graded)
    scored = [(question, grade) for question, _, grade in graded if grade is not GradeName.UNSCORED]
    row: dict[str, Any] = {"n": len(graded), "n_facts": len({question.fact_id for question, _ in scored})}
    row |= {str(name): counts[name] for name in GradeName}
    row |= {"accuracy": None, "ci_low": None, "ci_high": None}
    if scored:
        weight = np.array([weights[str(q.category)] if weights else 1.0 for q, _ in scored])
        right = np.array([grade is GradeName.CORRECT for _, grade in scored])
        low, high = rate_interval(right.tolist(), [q.fact_id for q, _ in scored], weight.tolist())
        row |= {"accuracy": float((weight * right).sum() / weight.sum()), "ci_low": low, "ci_high": high}
    return row


def mix_weights(asked: Sequence[Question], mix: Mapping[str, float]) -> dict[str, float] | None:
    """Weight of a question of each category so that categories count as in the user's traffic; None: as asked."""
    counts = Counter(str(q.category) for q in asked)
    shares = {category: mix.get(category, 0.0) for category in counts}
    total = sum(shares.values())
    return {category: shares[category] / total / n for category, n in counts.items()} if total else None


def latency_cell(lines: Sequence[Latency]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for kind, cold in (("cold", True), ("warm", False)):
        seconds = [line.total_s for line in lines if line.cold is cold]
        p50, p95 = np.quantile(seconds, [0.5, 0.95]).tolist() if seconds else (None, None)
        out[kind] = {"p50": p50, "p95": p95, "n": len(seconds)}
    first = [line.ttft_s for line in lines if not line.cold]
    return out | {"ttft_p50": float(np.median(first)) if first else None}
