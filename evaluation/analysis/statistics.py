"""Intervals of rates and means. The fact is the unit: wordings of one fact are not independent."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
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
    right: Flags | Floats, facts: Names, weights: Sequence[float] | None = None, level: float = 0.95
) -> tuple[float, float]:
    """Wilson interval (Wilson 1927) of a rate on the effective number of independent questions.

    Shares between 0 and 1 spread less than the yes and no that it allows for: of them it is rather too wide.

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


def resampled(gain: Floats, size: Floats, seed: int) -> Floats:
    """sum(gain) / sum(size) of `RESAMPLES` bootstrap samples of facts; equal facts are drawn together.

    Args:
        gain, size: a row a fact and a column a figure; the columns of one sample come from the same facts.
    """
    figures = gain.shape[1]
    kinds, counts = np.unique(np.hstack([gain, size]), axis=0, return_counts=True)
    rng, spread = np.random.default_rng(seed), []
    for _ in range(RESAMPLES // 1000):  # a thousand at a time, which keeps memory small with many facts
        drawn = rng.multinomial(len(gain), counts / len(gain), 1000).astype(float)
        sums, weights = drawn @ kinds[:, :figures], drawn @ kinds[:, figures:]
        spread.append(np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0))  # 0: no such fact came up
    return np.concatenate(spread)


def mean_interval(values: Sequence[float], facts: Names, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of a mean over facts: answers about one fact are not independent."""
    _, place = np.unique(np.asarray(facts), return_inverse=True)
    gain: Floats = np.bincount(place, weights=values).astype(float)[:, None]
    size: Floats = np.bincount(place).astype(float)[:, None]
    low, high = np.quantile(resampled(gain, size, seed), [0.025, 0.975])
    return float(low), float(high)
