"""How often a check of canaries finds the faults that are there, and raises an alarm where there is none: simulated.

python -m benchmarks.canaries
"""

import random
from collections.abc import Sequence

from evaluation.canary.diagnose import Seen, find_cut, find_lost

DOCUMENTS, WORDS, CHECKS = 8, 600, 400
BANDS = ((0, 60), (60, 120), (120, 200), (200, 540), (540, 600))  # words, as evaluation/canary/placing.py places five
CUT = 250  # words


def simulated(draw: random.Random, misses: float, cut: int = WORDS, lost: bool = False) -> list[Seen]:
    """One check; what can be known is missed with the probability `misses`."""
    seen = []
    for document in range(DOCUMENTS):
        for low, high in BANDS:
            place = draw.uniform(low, high)
            there = place <= cut and not (lost and document == 0)
            seen.append(Seen(f"{document}", int(place), there and draw.random() >= misses))
    return seen


def found(seen: Sequence[Seen]) -> tuple[bool, bool]:
    """Whether the check says that documents are cut off, and that one is lost."""
    cut = find_cut(seen)
    return cut is not None, find_lost(seen, cut) is not None


def main() -> None:
    """Print the table of docs/canaries.md."""
    print("| missed by chance | false: cut | false: lost | lost, alone | cut, with lost | lost, with cut |")
    print("| --- | --- | --- | --- | --- | --- |")
    for misses in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5):
        sums = [0.0] * 5
        for seed in range(CHECKS):
            draw = random.Random(seed)
            healthy, alone = found(simulated(draw, misses)), found(simulated(draw, misses, lost=True))
            both = found(simulated(draw, misses, CUT, lost=True))
            sums = [total + hit for total, hit in zip(sums, (*healthy, alone[1], *both), strict=True)]
        print(f"| {misses:.0%} | " + " | ".join(f"{total / CHECKS:.1%}" for total in sums) + " |")


if __name__ == "__main__":
    main()
