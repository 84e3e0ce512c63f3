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
TOO_FEW = "too few facts to rank"
RESAMPLES = 10_000
Floats = NDArray[np.float64]
Flags = Sequence[bool] | NDArray[np.bool_]
Names = Sequence[str] | Sequence[int]


def alikeness(right: Floats, place: NDArray[np.intp]) -> float:
    """Intraclass correlation of answers to wordings of one fact, by analysis of variance (Fleiss 1981), from 0 to 1.

    1, the cautious end, where all answers are right or all wrong, so that nothing can be estimated.
    """
    size = np.bincount(place).astype(float)
    n, facts = len(right), len(size)
    if right.min() == right.max() or facts < 2:
        return 1.0
    if n == facts:
        return 0.0
    sums = np.bincount(place, right)
    between = float((sums**2 / size).sum() - sums.sum() ** 2 / n) / (facts - 1)
    within = float(sums.sum() - (sums**2 / size).sum()) / (n - facts)
    typical = (n - float((size**2).sum()) / n) / (facts - 1)
    return float(np.clip((between - within) / (between + (typical - 1) * within), 0, 1))


def rate_interval(
    right: Flags, facts: Names, weights: Sequence[float] | None = None, level: float = 0.95
) -> tuple[float, float]:
    """Wilson interval (Wilson 1927) of a rate on the effective number of independent questions.

    That number is divided by the design effect of asking a fact in several wordings, 1 + (k - 1)·rho (Kish 1965), with
    rho from these very answers, and by what unequal weights cost. benchmarks/statistics.py shows its coverage.

    Raises:
        ValueError: there is no answer. No score is not a score of 0.
    """
    if not len(right):
        raise ValueError("no scored question, so there is no rate")
    hits = np.asarray(right, dtype=float)
    weight = np.ones(len(hits)) if weights is None else np.asarray(weights, dtype=float)
    place = np.unique(np.asarray(facts), return_inverse=True)[1]
    size = np.bincount(place)
    rate = float((weight * hits).sum() / weight.sum())
    effect = 1 + (float((size**2).sum()) / len(hits) - 1) * alikeness(hits, place)
    units = float(weight.sum() ** 2 / (weight**2).sum()) / effect
    low, high = proportion_confint(rate * units, units, alpha=1 - level, method="wilson")
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


def _resampled(gain: Floats, size: Floats, seed: int) -> Floats:
    """Differences of `RESAMPLES` bootstrap samples of facts; facts with equal gain and size are drawn together."""
    kinds, counts = np.unique(np.stack([gain, size], axis=1), axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(gain), counts / len(gain), RESAMPLES)
    spread: Floats = drawn @ kinds[:, 0] / (drawn @ kinds[:, 1])
    return spread


def difference_interval(gain: Floats, size: Floats, seed: int) -> tuple[float, float]:
    """95 % percentile bootstrap interval of sum(gain) / sum(size) over facts.

    Half a fact that a wins and half a one that b wins are added, so that few discordant facts give no interval of width
    zero (after Agresti & Min 2005 and Bonett & Price 2012); benchmarks/statistics.py shows the coverage.
    """
    half = float(size.mean()) / 2
    gain, size = np.append(gain, [half, -half]), np.append(size, [half, half])
    low, high = np.quantile(_resampled(gain, size, seed), [0.025, 0.975])
    return float(low), float(high)


def mean_interval(values: Sequence[float], facts: Names, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of a mean over facts: answers about one fact are not independent."""
    _, place = np.unique(np.asarray(facts), return_inverse=True)
    gain: Floats = np.bincount(place, weights=values).astype(float)
    size: Floats = np.bincount(place).astype(float)
    low, high = np.quantile(_resampled(gain, size, seed), [0.025, 0.975])
    return float(low), float(high)


def _flipped_p(gain: Floats, seed: int) -> float:
    """Two-sided p-value of the sum of weighted gains when each fact's winner is a coin toss, by 10,000 tosses."""
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (RESAMPLES, len(gain)))
    extreme = int((np.abs(signs @ gain) >= abs(float(gain.sum())) - 1e-12).sum())
    return (extreme + 1) / (RESAMPLES + 1)


def contrast(a: Flags, b: Flags, facts: Names, seed: int, weights: Sequence[float] | None = None) -> Contrast:
    """Paired difference with a bootstrap interval over facts and an exact McNemar test on one wording a fact.

    The wording is drawn by seed and not by outcome. Weighted questions are tested by flipping the signs of facts
    instead, since McNemar's test knows no weights. The minimum detectable difference has 80 % power at level .05 with
    the share of discordant facts that was seen (at least one).

    Raises:
        ValueError: there is no pair.
    """
    if not len(a):
        raise ValueError("no question was scored for both methods")
    names, place = np.unique(np.asarray(facts), return_inverse=True)
    right_a, right_b = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    weight = np.asarray(weights if weights is not None else np.ones(len(right_a)), dtype=float)
    gain: Floats = np.bincount(place, (right_a.astype(float) - right_b) * weight).astype(float)
    size: Floats = np.bincount(place, weight).astype(float)
    low, high = difference_interval(gain, size, seed)
    order = np.random.default_rng(seed).permutation(len(place))
    drawn = order[np.unique(place[order], return_index=True)[1]]
    one_a, one_b = right_a[drawn], right_b[drawn]
    discordant = int((one_a & ~one_b).sum()), int((~one_a & one_b).sum())
    if weights is not None:
        p_value = _flipped_p(gain, seed)
    else:
        p_value = float(mcnemar([[0, discordant[0]], [discordant[1], 0]], exact=True).pvalue) if any(discordant) else 1
    share = max(1, sum(discordant)) / len(names)
    detectable = float((norm.ppf(0.975) + norm.ppf(0.8)) * np.sqrt(share / len(names)))
    return Contrast(
        len(right_a), len(names), float(gain.sum() / size.sum()), low, high, float(p_value), min(1.0, detectable)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number by Holm's step-down method (Holm 1979)."""
    return [float(p) for p in multipletests(p_values, method="holm")[1]] if p_values else []
