"""Paired differences that may be looked at after every question: intervals that hold whenever a run ends.

Two players bet a share f of what they have on the next fact, one that a gains more than m over b, the other that it
gains less. Where m is the true difference, nobody's money ever grows by 1 / alpha with a chance above alpha, however
long one plays and whenever one stops (Ville 1939). The interval is every m against which neither has won that much.
Each player spreads its money over a grid of shares (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random
variables by betting": grid Kelly; Cover 1991), so nothing is fitted and the order of the facts does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from scipy.special import logsumexp
from scipy.stats import beta, norm

from evaluation.analysis.simultaneous import LEVEL, Difference, Pairs, by_fact
from evaluation.analysis.statistics import Floats

STAKES: Floats = beta.ppf(
    (np.arange(20) + 0.5) / 20, 2, 3
)  # shares that are bet; most on differences of 5 to 30 points
_HALVINGS = 40  # of the range in which an end is sought


@dataclass(frozen=True)
class Kinds:
    """The kinds of facts there are: what a gained over b on one, and its weight, both as shares of the largest weight.

    Wordings of one fact are one bet, so that answers that depend on each other count once.
    """

    gain: Floats
    size: Floats

    @property
    def turned(self) -> "Kinds":
        """The same told for b."""
        return Kinds(-self.gain, self.size)


PLAIN = Kinds(np.array([-1.0, 0.0, 1.0]), np.ones(3))  # one question a fact: lost, alike, won


def log_wealth(kinds: Kinds, counts: Floats, above: float) -> Floats:
    """Natural logarithm of the money, 1 at the start, of who bets that the difference is larger than `above`.

    A share f bet on one fact turns 1 into 1 + f (gain - above · size) / (1 + above), which is never negative and falls
    in `above`: an interval's end is where the money crosses a threshold.

    Args:
        counts: shape (..., kinds): facts of each kind.
        above: larger than -1.

    Returns:
        shape (...).
    """
    step = (kinds.gain - above * kinds.size) / (1 + above)
    return np.asarray(logsumexp(counts @ np.log1p(np.outer(step, STAKES)), axis=-1) - log(len(STAKES)))


def threshold(members: int) -> float:
    """What the logarithm has to reach in a family of so many differences, each with two ends (Bonferroni)."""
    return log(2 * members / (1 - LEVEL))


def _end(kinds: Kinds, counts: Floats, needed: float) -> float:
    """The largest difference of which it is established that the true one is above it."""
    low, high = (0.0, 1.0) if log_wealth(kinds, counts, 0.0) >= needed else (-1.0, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if log_wealth(kinds, counts, middle) >= needed else (low, middle)
    return low


def anytime(family: Sequence[Pairs]) -> list[Difference]:
    """The differences of a family, in its order, with intervals that hold together whenever the run ended.

    The p-value is the least level at which the interval would leave out 0. The minimum detectable difference is half
    an interval and what 80 % power takes beyond it.

    Raises:
        ValueError: a member has no pair.
    """
    if any(not len(pairs.a) for pairs in family):
        raise ValueError("no question was scored for both methods")
    return [_difference(pairs, len(family)) for pairs in family]


def _difference(pairs: Pairs, members: int) -> Difference:
    names = dict.fromkeys(str(fact) for fact in pairs.facts)
    gain, size = by_fact(pairs, {name: number for number, name in enumerate(names)})
    rows, numbers = np.unique(np.stack([gain, size]) / size.max(), axis=1, return_counts=True)
    kinds, counts = Kinds(*rows), numbers.astype(float)
    needed, difference = threshold(members), float(gain.sum() / size.sum())
    low, high = _end(kinds, counts, needed), -_end(kinds.turned, counts, needed)
    most = max(float(log_wealth(side, counts, 0.0)) for side in (kinds, kinds.turned))
    error = float(np.sqrt(((gain - difference * size) ** 2).sum()) / size.sum())
    return Difference(
        n_pairs=len(pairs.a),
        n_facts=len(names),
        difference=difference,
        ci_low=low,
        ci_high=high,
        p_value=min(1.0, 2 * members * exp(-most)),
        minimum_detectable=min(1.0, (high - low) / 2 + float(norm.ppf(0.8)) * error),
    )
