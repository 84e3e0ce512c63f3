"""`make chaos`: kills, flipped bits, full and read-only disks, servers; prints a table, exits 1 for a broken word.

python -m chaos --kills 50 --flips 200 --servers 50          # with tests/ on the path; about 2.5 hours on 2 cores
python -m chaos --kills 50 --in ~/chaos --minutes 8          # the same in pieces: again until nothing is left
python -m chaos --scripted --kills 0 --flips 10              # what `make test` runs
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from chaos.disks import Disks
from chaos.flips import Flips
from chaos.kills import Kills
from chaos.rows import UNTRIED, Row, keep, kept, table
from chaos.sandbox import Sandbox, make_sandbox
from chaos.servers import Servers

STARTED = time.monotonic()
Series = Kills | Flips | Disks | Servers


def _say(text: str) -> None:
    print(f"{time.monotonic() - STARTED:6.0f} s  {text}", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Disturb runs of a tiny model and compare with undisturbed ones.")
    parser.add_argument("--kills", type=int, default=50, help="at least so many")
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--servers", type=int, default=0, help="kills of a server, a run's worker, a client: so many")
    parser.add_argument("--no-disks", action="store_true", help="no full and read-only disks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1400, help="of the training; 1400 take about a minute")
    parser.add_argument("--scripted", action="store_true", help="flips and servers alone; the model is a script")
    parser.add_argument("--in", dest="folder", type=Path, help="keep models, runs and outcomes here, and go on there")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin nothing new after so many")
    return parser.parse_args()


def _sandbox(folder: Path, epochs: int, scripted: bool) -> Sandbox:
    """With an undisturbed run in it; the one that is there where there is one."""
    if not (folder / "ready").exists():
        sandbox = make_sandbox(folder, facts=6, epochs=epochs, scripted=scripted)
        done = sandbox.trivium(*sandbox.run_command())
        if done.code:
            raise SystemExit(f"the undisturbed run failed: {done.err[-1000:]}")
        (folder / "ready").touch()
    return Sandbox(folder, epochs)


def _outcomes(series: Series, wanted: int, seed: int, rows: list[Row], scratch: Path) -> Iterator[list[Row]]:
    """Disturb so often, those that were disturbed before included."""
    done = [row for row in rows if row.series == series.name]
    number = max((row.number for row in done), default=-1) + 1
    count = len(done)
    while count < wanted:
        folder = scratch / f"{series.name}-{number}-{time.time_ns()}"
        folder.mkdir(parents=True)
        new = series.disturb(number, Random(f"{seed} {series.name} {number}"), folder)
        count, number = count + len(new), number + 1
        yield new


def _all_series(given: argparse.Namespace, folder: Path) -> Iterator[tuple[Series, int]]:
    if given.flips:
        yield Flips(_sandbox(folder / "short", 80, given.scripted)), given.flips
    if not given.no_disks and not given.scripted:
        disks = Disks(_sandbox(folder / "short", 80, scripted=False))
        yield disks, disks.count
    if given.servers:
        yield Servers(_sandbox(folder / "short", 80, given.scripted)), given.servers
    if given.kills and not given.scripted:
        yield Kills(_sandbox(folder / "long", given.epochs, scripted=False)), given.kills


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what runs with &
    given, left = _arguments(), ""
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        rows = kept(folder / "rows.jsonl")
        for series, wanted in _all_series(given, folder.resolve()):
            _say(f"{series.name}: an undisturbed run is there")
            for new in _outcomes(series, wanted, given.seed, rows, Path(name)):
                keep(folder / "rows.jsonl", new)
                rows += new
                for row in new:
                    _say(f"{row} ({sum(r.series == series.name for r in rows)} of {wanted})")
                if time.monotonic() - STARTED > given.minutes * 60:
                    left = "The time is over; the same command goes on."
                    break
            if left:
                break
    print(table(rows))
    bad, untried = [row for row in rows if not row.good], [row for row in rows if row.outcome.startswith(UNTRIED)]
    for row in bad:
        print(row)
    print(f"{len(rows) - len(bad) - len(untried)} passed, {len(bad)} failed, {len(untried)} not tried. {left}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
