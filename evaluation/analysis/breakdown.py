"""Counts, rates and intervals of some answers: what the cells of every table hold."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from data.schema import Question
from evaluation.analysis.statistics import rate_interval
from evaluation.grading.rules import GradeName
from evaluation.results.method import Latency, Percentiles
from evaluation.results.rates import Cell, Outcomes, Rate
from evaluation.run.records import Answer
from evaluation.run.records import Latency as Measured

SCORED = (GradeName.CORRECT, GradeName.WRONG, GradeName.ABSTAINED)
Graded = list[tuple[Question, Answer, GradeName]]


def cell(graded: Sequence[tuple[Question, object, GradeName]], weights: Mapping[str, float] | None = None) -> Cell:
    """Counts, accuracy and the three outcomes with intervals. A rate is None where nothing was scored, never 0."""
    counts = Counter(grade for _, _, grade in graded)
    scored = [(question, grade) for question, _, grade in graded if grade is not GradeName.UNSCORED]
    right = _rate(scored, GradeName.CORRECT, weights)
    outcomes = Outcomes(
        right=right,
        unknown=_rate(scored, GradeName.ABSTAINED, weights),
        wrong=_rate(scored, GradeName.WRONG, weights),
    )
    return Cell(
        n=len(graded),
        n_facts=len({question.fact_id for question, _ in scored}),
        **{str(name): counts[name] for name in GradeName},
        accuracy=right.rate,
        ci_low=right.ci_low,
        ci_high=right.ci_high,
        outcomes=outcomes,
    )


def _rate(
    scored: Sequence[tuple[Question, GradeName]], outcome: GradeName, weights: Mapping[str, float] | None
) -> Rate:
    if not scored:
        return Rate(n=0, rate=None, ci_low=None, ci_high=None)
    weight = np.array([weights[str(question.category)] if weights else 1.0 for question, _ in scored])
    hits = np.array([grade is outcome for _, grade in scored])
    low, high = rate_interval(hits.tolist(), [question.fact_id for question, _ in scored], weight.tolist())
    return Rate(n=len(scored), rate=float((weight * hits).sum() / weight.sum()), ci_low=low, ci_high=high)


def mix_weights(asked: Sequence[Question], mix: Mapping[str, float]) -> dict[str, float] | None:
    """Weight of a question of each category so that categories count as in the user's traffic; None: as asked."""
    counts = Counter(str(q.category) for q in asked)
    shares = {category: mix.get(category, 0.0) for category in counts}
    total = sum(shares.values())
    return {category: shares[category] / total / n for category, n in counts.items()} if total else None


def latency_cell(lines: Sequence[Measured]) -> Latency:
    """Percentiles of questions asked one at a time, cold and warm, in calibrated seconds."""
    first = [line.ttft_s / line.slowdown for line in lines if not line.cold and line.ttft_s is not None]
    return Latency(
        cold=_percentiles([line.total_s / line.slowdown for line in lines if line.cold]),
        warm=_percentiles([line.total_s / line.slowdown for line in lines if not line.cold]),
        ttft_p50=float(np.median(first)) if first else None,
    )


def _percentiles(seconds: Sequence[float]) -> Percentiles:
    p50, p95 = np.quantile(seconds, [0.5, 0.95]).tolist() if seconds else (None, None)
    return Percentiles(p50=p50, p95=p95, n=len(seconds))
