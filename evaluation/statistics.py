"""Intervals and paired tests. The fact is the unit: wordings of one fact are not independent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

RANKABLE = 50  # facts; below that an interval is wider than 27 points and nothing is ranked


def rate_interval(correct: int, n: int, units: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson interval of correct / n (Wilson 1927), on the number of independent facts instead of questions.

    With several wordings a fact this is the safe side: it holds even if all wordings of a fact are answered alike.

    Raises:
        ValueError: n is 0. No score is not a score of 0.
    """
    if n == 0:
        raise ValueError("no scored question, so there is no rate")
    low, high = proportion_confint(correct / n * units, units, alpha=1 - level, method="wilson")
    return float(low), float(high)


@dataclass(frozen=True)
class Contrast:
    """Accuracy of a minus accuracy of b over the same questions."""

    n_pairs: int
    n_facts: int
    difference: float
    ci_low: float
    ci_high: float
    p_value: float
    minimum_detectable: float


def contrast(
    a: Sequence[bool], b: Sequence[bool], facts: Sequence[str], seed: int, weights: Sequence[float] | None = None
) -> Contrast:
    """Paired difference with a percentile bootstrap over facts (10,000 resamples) and an exact McNemar test.

    The test takes the first wording of each fact. The minimum detectable difference has 80 % power at level .05 with
    the share of discordant facts that was seen (at least one).

    Raises:
        ValueError: there is no pair.
    """
    if not a:
        raise ValueError("no question was scored for both methods")
    names, first, place = np.unique(np.asarray(facts), return_index=True, return_inverse=True)
    right_a, right_b = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    weight = np.asarray(weights if weights is not None else np.ones(len(a)), dtype=float)
    gain = np.bincount(place, (right_a.astype(float) - right_b) * weight)
    size = np.bincount(place, weight)
    draws = np.random.default_rng(seed).integers(0, len(names), (10_000, len(names)))
    spread: NDArray[np.float64] = gain[draws].sum(axis=1) / size[draws].sum(axis=1)
    low, high = np.quantile(spread, [0.025, 0.975])
    one_a, one_b = right_a[first], right_b[first]
    discordant = int((one_a & ~one_b).sum()), int((~one_a & one_b).sum())
    p_value = float(mcnemar([[0, discordant[0]], [discordant[1], 0]], exact=True).pvalue) if sum(discordant) else 1.0
    share = max(1, sum(discordant)) / len(names)
    detectable = float((norm.ppf(0.975) + norm.ppf(0.8)) * np.sqrt(share / len(names)))
    return Contrast(
        len(a), len(names), float(gain.sum() / size.sum()), float(low), float(high), p_value, min(1.0, detectable)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number by Holm's step-down method (Holm 1979)."""
    return [float(p) for p in multipletests(p_values, method="holm")[1]] if p_values else []
