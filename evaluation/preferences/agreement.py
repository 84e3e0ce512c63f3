"""How far two people rank alike: Kendall's tau (Kendall 1938), with ties as tau-b (Kendall 1945)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan

import numpy as np

from evaluation.analysis.statistics import mean_interval, rate_interval
from evaluation.preferences.rankings import Ranking

LEAST = 5  # shared questions; below that a mean says nothing


@dataclass(frozen=True)
class TwoRankers:
    """Two people, or a person and a rule, over the questions that both ranked.

    Args:
        shared: questions that both ranked, with the same answers.
        tau: mean of tau-b over those of them of which it is defined: both told at least one answer from another.
        ci_low, ci_high: 95 % interval over questions; None below `LEAST` of them.
    """

    a: str
    b: str
    shared: int
    n: int
    tau: float | None
    ci_low: float | None
    ci_high: float | None

    @property
    def sentence(self) -> str:
        """What is known of them, for a person."""
        if self.tau is None:
            return f"{self.a} and {self.b}: {self.shared} questions ranked by both; Kendall's tau: n/a (all ties)."
        span = f" ({self.ci_low:.2f} to {self.ci_high:.2f})" if self.ci_low is not None else ""
        told = f"{self.tau:.2f}{span}".replace("-", "−")
        return f"{self.a} and {self.b}: Kendall's tau {told}, {self.n} of {self.shared} shared questions."


def tau_of(a: Sequence[int], b: Sequence[int]) -> float | None:
    """Kendall's tau-b of two rankings of the same answers; None where one of them ties all."""
    from scipy.stats import kendalltau

    if len(set(a)) == 1 or len(set(b)) == 1:
        return None
    tau = float(kendalltau(a, b).statistic)
    return None if isnan(tau) else tau


def agreements(rankings: Sequence[Ranking]) -> list[TwoRankers]:
    """Every two who ranked a question with the same answers."""
    by_person: dict[str, dict[tuple[str, tuple[str, ...]], tuple[int, ...] | None]] = defaultdict(dict)
    for ranking in rankings:
        order = sorted(range(len(ranking.answers)), key=lambda place: ranking.answers[place])
        ranks = None if ranking.ranks is None else tuple(ranking.ranks[place] for place in order)
        by_person[ranking.by][ranking.question_id, tuple(sorted(ranking.answers))] = ranks
    return [
        _agreement(a, b, [(by_person[a][key], by_person[b][key]) for key in by_person[a] if key in by_person[b]])
        for a, b in combinations(by_person, 2)
        if by_person[a].keys() & by_person[b].keys()
    ]


def _interval(found: Sequence[float]) -> tuple[float, float]:
    """Of the mean of tau over questions; where all are alike, Wilson's, since a bootstrap would claim certainty."""
    each = [str(n) for n in range(len(found))]
    if len(set(found)) > 1:
        return mean_interval(found, each)
    low, high = rate_interval((np.asarray(found) + 1) / 2, each)
    return 2 * low - 1, 2 * high - 1


def _agreement(a: str, b: str, shared: Sequence[tuple[tuple[int, ...] | None, tuple[int, ...] | None]]) -> TwoRankers:
    found = [tau for one, other in shared if one and other and (tau := tau_of(one, other)) is not None]
    mean = sum(found) / len(found) if found else None
    low, high = _interval(found) if len(found) >= LEAST else (None, None)
    return TwoRankers(a, b, len(shared), len(found), mean, low, high)
