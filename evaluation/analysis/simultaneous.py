"""Paired differences of one family: intervals that hold together, and corrected p-values that agree with them.

Single-step max-t (Westfall & Young 1993; intervals as in Hothorn, Bretz & Westfall 2008), from one bootstrap of facts
for all members, so that what they share (a method, the same questions) makes the correction no larger than it need be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from evaluation.analysis.statistics import Flags, Floats, Names, resampled

LEVEL = 0.95


@dataclass(frozen=True)
class Pairs:
    """Whether two methods had an outcome (right, wrong) on the same questions, and the fact that each asks for."""

    a: Flags
    b: Flags
    facts: Names
    weights: Sequence[float] | None = None


@dataclass(frozen=True)
class Difference:
    """Rate of a minus rate of b, with an interval and a p-value corrected for all members of its family."""

    n_pairs: int
    n_facts: int
    difference: float
    ci_low: float
    ci_high: float
    p_value: float
    minimum_detectable: float

    @property
    def ahead(self) -> bool:
        """Whether the interval leaves out 0. It does exactly where the corrected p-value is below .05."""
        return self.ci_low > 0 or self.ci_high < 0


def by_fact(pairs: Pairs, place: dict[str, int]) -> tuple[Floats, Floats]:
    """What a gained over b, and the weight asked, for each fact of the family; 0 where the pair has no question."""
    at = [place[str(fact)] for fact in pairs.facts]
    weight = np.ones(len(at)) if pairs.weights is None else np.asarray(pairs.weights, dtype=float)
    gain = (np.asarray(pairs.a, dtype=float) - np.asarray(pairs.b, dtype=float)) * weight
    return np.bincount(at, gain, len(place)).astype(float), np.bincount(at, weight, len(place)).astype(float)


def _with_half_facts(gain: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Half a fact that a wins and half a one that b wins, for each member: few discordant facts prove nothing.

    After Agresti & Min 2005 and Bonett & Price 2012, as for a single difference.
    """
    half = size.sum(axis=0) / (size > 0).sum(axis=0) / 2
    return np.vstack([gain, half, -half]), np.vstack([size, half, half])


def simultaneous(family: Sequence[Pairs], seed: int) -> list[Difference]:
    """The differences of a family, in its order.

    Each interval is the estimate ± c standard errors, with c such that in 95 % of the bootstrap samples no member lies
    further out; a corrected p-value is the share of samples in which any member lies as far out as this one. The
    minimum detectable difference is found with 80 % power at this c. benchmarks/statistics.py shows error and coverage.

    Raises:
        ValueError: a member has no pair.
    """
    if any(not len(pairs.a) for pairs in family):
        raise ValueError("no question was scored for both methods")
    if not family:
        return []
    names = dict.fromkeys(str(fact) for pairs in family for fact in pairs.facts)
    place = {name: number for number, name in enumerate(names)}
    sums = [by_fact(pairs, place) for pairs in family]
    plain_gain, plain_size = (np.stack(columns, axis=1) for columns in zip(*sums, strict=True))
    gain, size = _with_half_facts(plain_gain, plain_size)
    drawn = resampled(gain, size, seed)
    error = drawn.std(axis=0)
    furthest = (np.abs(drawn - drawn.mean(axis=0)) / error).max(axis=1)
    reach = _reach(furthest)
    centre = gain.sum(axis=0) / size.sum(axis=0)
    return [
        Difference(
            n_pairs=len(pairs.a),
            n_facts=int((plain_size[:, j] > 0).sum()),
            difference=float(plain_gain[:, j].sum() / plain_size[:, j].sum()),
            ci_low=max(-1.0, float(centre[j] - reach * error[j])),
            ci_high=min(1.0, float(centre[j] + reach * error[j])),
            p_value=float((furthest * error[j] >= abs(centre[j])).sum() + 1) / (len(furthest) + 1),
            minimum_detectable=min(1.0, float((reach + norm.ppf(0.8)) * error[j])),
        )
        for j, pairs in enumerate(family)
    ]


def _reach(furthest: NDArray[np.float64]) -> float:
    """The least distance in standard errors whose p-value is not below .05: intervals leave out 0 beyond it alone."""
    allowed = ceil((1 - LEVEL) * (len(furthest) + 1) - 1e-9) - 2  # samples further out, of which p counts one more
    return float(np.sort(furthest)[-1 - allowed])
