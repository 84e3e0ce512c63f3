"""Does a run until decided keep its promise, and what does it save? Simulated runs with known truth, 10,000 a case.

    python -m benchmarks.until_decided                  # about five minutes
    python -m benchmarks.until_decided --runs 1000

Each fact is asked once. With probability `alike` all methods meet the same luck on it, else each its own: that sets
how many facts two methods answer differently (discordant facts), on which the length of a run depends.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from evaluation.analysis.anytime import PLAIN, log_wealth, threshold
from evaluation.run.plan import FIRST_ROUND, ROUND

SMALLEST = 0.05
AT_ONCE = 1000  # runs
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """Methods by their shares of right and of wrong answers, and how the questions go."""

    right: tuple[float, ...]
    wrong: tuple[float, ...]
    alike: float
    planned: int

    @property
    def discordant(self) -> float:
        """Share of facts that the first two methods do not both answer right, or both not."""
        a, b = self.right[:2]
        return self.alike * abs(a - b) + (1 - self.alike) * (a * (1 - b) + b * (1 - a))


@dataclass(frozen=True)
class Ended:
    """Of each simulated run: questions asked, what was claimed, what the intervals held."""

    asked: NDArray[np.int_]
    winner: NDArray[np.int_]  # -1: none
    alike: Bools
    wrong_claim: Bools  # any difference of the primary family that is not there, or points the other way
    left_out: Bools  # whether an interval of the family leaves out its true difference
    lead: NDArray[np.float64]  # of the first method over the second, as measured


def drawn(case: Case, runs: int, rng: np.random.Generator) -> dict[str, Bools]:
    """Whether each method was right, and wrong, of shape (runs, facts, methods)."""
    shape = (runs, case.planned, len(case.right))
    common, own = rng.random((*shape[:2], 1)), rng.random(shape)
    luck = np.where(rng.random((*shape[:2], 1)) < case.alike, common, own)
    return {"right": luck < np.array(case.right), "wrong": luck > 1 - np.array(case.wrong)}


def counted(won: Bools, lost: Bools, ends: Sequence[int]) -> NDArray[np.float64]:
    """Facts that were lost, alike and won by the end of each round, of shape (rounds, runs, 3)."""
    starts = [0, *ends[:-1]]
    sums = [np.add.reduceat(kind & ~other, starts, axis=1).cumsum(axis=1) for kind, other in ((lost, won), (won, lost))]
    rest = np.array(ends) - sums[0] - sums[1]
    return np.stack([sums[0], rest, sums[1]], axis=-1).swapaxes(0, 1).astype(float)


def simulated(case: Case, runs: int, seed: int) -> Ended:
    """Runs of a case, each ended as `trivium run --until-decided` ends it."""
    rng = np.random.default_rng(seed)
    parts = [_ended(case, drawn(case, min(AT_ONCE, runs - start), rng)) for start in range(0, runs, AT_ONCE)]
    return Ended(*(np.concatenate([getattr(part, name) for part in parts]) for name in Ended.__annotations__))


def _ended(case: Case, outcomes: dict[str, Bools]) -> Ended:
    runs, _, methods = outcomes["right"].shape
    ends = [*range(FIRST_ROUND, case.planned, ROUND), case.planned]
    pairs = list(combinations(range(methods), 2))
    counts = {
        (name, a, b): counted(flags[:, :, a], flags[:, :, b], ends)
        for name, flags in outcomes.items()
        for a, b in pairs
    }
    ended = Ended(
        np.zeros(runs, int), np.full(runs, -1), np.zeros(runs, bool), np.zeros(runs, bool), np.zeros(runs, bool),
        np.zeros(runs),
    )  # fmt: skip
    live = np.arange(runs)
    for number, end in enumerate(ends):
        now = {key: rounds[number, live] for key, rounds in counts.items()}
        right = outcomes["right"][live, :end].sum(axis=1)
        winner, alike = _decided(now, right.argmax(axis=1), threshold(2 * len(pairs)), methods)
        stops = (winner >= 0) | alike | (end == case.planned)
        at = live[stops]
        ended.asked[at], ended.winner[at], ended.alike[at] = end, winner[stops], alike[stops]
        ended.lead[at] = (right[stops, 0] - right[stops, 1]) / end
        for claims, left_out in _claims(case, {key: rows[stops] for key, rows in now.items()}, 2 * len(pairs)):
            ended.wrong_claim[at] |= claims
            ended.left_out[at] |= left_out
        live = live[~stops]
    return ended


def _decided(
    counts: dict[tuple[str, int, int], NDArray[np.float64]], best: NDArray[np.int_], needed: float, methods: int
) -> tuple[NDArray[np.int_], Bools]:
    """Which method is ahead of all others, or -1; and whether those in front are alike but for what does not matter."""
    runs = len(best)
    more, near = np.zeros((2, runs, methods, methods), bool)
    for (name, a, b), rows in counts.items():
        if name == "right":
            more[:, a, b], more[:, b, a] = (log_wealth(kinds, rows, 0.0) >= needed for kinds in (PLAIN, PLAIN.turned))
            ends = [log_wealth(kinds, rows, -SMALLEST) >= needed for kinds in (PLAIN, PLAIN.turned)]
            near[:, a, b] = near[:, b, a] = ends[0] & ends[1]
    itself = np.eye(methods, dtype=bool)[best]
    ahead = (more[np.arange(runs), best] | itself).all(axis=1)
    near_or_behind: Bools = more[np.arange(runs), best] | near[np.arange(runs), best] | itself
    return np.where(ahead, best, -1), np.asarray(near_or_behind.all(axis=1) & ~ahead)


def _claims(
    case: Case, counts: dict[tuple[str, int, int], NDArray[np.float64]], members: int
) -> Iterator[tuple[Bools, Bools]]:
    """Of each difference: whether a wrong one is claimed, and whether the interval leaves out the truth."""
    needed = threshold(members)
    for (name, a, b), rows in counts.items():
        shares = case.right if name == "right" else case.wrong
        truth = shares[a] - shares[b]
        above, below = (log_wealth(kinds, rows, 0.0) >= needed for kinds in (PLAIN, PLAIN.turned))
        outside = [log_wealth(k, rows, t) >= needed for k, t in ((PLAIN, truth), (PLAIN.turned, -truth))]
        yield (above & (truth <= 0)) | (below & (truth >= 0)), outside[0] | outside[1]


def _told(case: Case, runs: int, seed: int) -> str:
    found = simulated(case, runs, seed)
    best = max(case.right) > sorted(case.right)[-2]
    parts = [
        f"{len(case.right)} methods, right {case.right[0]:.2f} and {case.right[1]:.2f}, "
        f"{case.discordant:.0%} discordant, {case.planned} planned: asked {found.asked.mean() / case.planned:.0%} "
        f"(median {np.median(found.asked) / case.planned:.0%})",
        f"wrong claims {found.wrong_claim.mean():.2%}",
        f"intervals that leave out the truth {found.left_out.mean():.2%}",
        f"ended alike {found.alike.mean():.1%}",
        f"measured lead {found.lead.mean() * 100:.1f} points",
    ]
    if best:
        parts.append(
            f"the better one found in {(found.winner == 0).mean():.1%}, another {(found.winner > 0).mean():.2%}"
        )
    return "; ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="simulated runs of each case")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("equal methods")
    for methods, (right, alike) in product((2, 3, 4), ((0.5, 0.0), (0.5, 0.5), (0.5, 0.95), (0.9, 0.0), (0.1, 0.5))):
        case = Case((right,) * methods, ((1 - right) * 0.6,) * methods, alike, 500)
        print(_told(case, given.runs, given.seed), flush=True)
    print("5 points, the least difference that matters: ending alike would be wrong")
    for methods, alike in product((2, 3), (0.5, 0.95)):
        print(
            _told(Case((0.5, *(0.45,) * (methods - 1)), (0.2,) * methods, alike, 1000), given.runs, given.seed),
            flush=True,
        )
    print("15 points")
    for planned, methods, alike in product((110, 250, 500, 1000), (2, 3, 4), (0.8, 0.5, 0.0)):
        case = Case((0.6, *(0.45,) * (methods - 1)), (0.2,) * methods, alike, planned)
        print(_told(case, given.runs, given.seed), flush=True)


if __name__ == "__main__":
    main()
