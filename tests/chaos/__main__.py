"""`make chaos`: kills, flipped bits, full and read-only disks; prints a table, exits 1 where a run broke its word.

python -m chaos --kills 50 --flips 200 --seed 0        # with tests/ on the path; some 40 minutes on 2 cores
python -m chaos --scripted --flips 10                  # what `make test` runs
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from chaos.disks import disk_series
from chaos.flips import flip_series
from chaos.kills import kill_series
from chaos.sandbox import make_sandbox

GOOD = ("same", "named", "named, mended", "named, then same", "room enough")
STARTED = time.perf_counter()


def _say(text: str) -> None:
    print(f"{time.perf_counter() - STARTED:6.0f} s  {text}", file=sys.stderr, flush=True)


def _counted(title: str, rows: Iterable[tuple[str, ...]]) -> list[tuple[str, str, int]]:
    """Rows as they come, counted by what was disturbed and what came of it."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        *what, outcome = row
        _say(f"{title}: {', '.join(what)}: {outcome}")
        place = what[0].partition(",")[0]
        parts = place.split("/")
        counts["/".join(parts[:1] + parts[-1:]) if len(parts) > 2 else place, outcome.partition(":")[0]] += 1
    return [(f"{title} {what}", outcome, n) for (what, outcome), n in sorted(counts.items())]


def main() -> int:
    parser = argparse.ArgumentParser(description="Disturb runs of a tiny model and compare with undisturbed ones.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=400, help="of the training; 400 take about a minute")
    parser.add_argument("--scripted", action="store_true", help="flips alone, with a model that is a script: seconds")
    given = parser.parse_args()
    kills, flips, epochs = given.kills, given.flips, given.epochs
    rows: list[tuple[str, str, int]] = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        sandbox = make_sandbox(folder / "sandbox", facts=6, scripted=given.scripted)
        done = sandbox.trivium(*sandbox.run_command(epochs))
        if done.code:
            _say(f"the undisturbed run failed: {done.err[-1000:]}")
            return 1
        _say("an undisturbed run is there")
        for title, series in (
            ("bit in", lambda scratch: flip_series(sandbox, epochs, flips, random.Random(given.seed), scratch)),
            ("disk", lambda scratch: disk_series(sandbox, epochs, scratch)),
            ("kill in", lambda scratch: kill_series(sandbox, epochs, kills, random.Random(given.seed), scratch)),
        )[: 1 if given.scripted else 3 if kills else 2]:
            scratch = folder / title.replace(" ", "-")
            scratch.mkdir()
            rows += _counted(title, series(scratch))
    print("| disturbed | outcome | times |\n| --- | --- | --- |")
    print("\n".join(f"| {what} | {outcome} | {n} |" for what, outcome, n in rows))
    bad = sum(n for _, outcome, n in rows if outcome not in GOOD and not outcome.startswith("not tried"))
    print(f"{sum(n for *_, n in rows) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
