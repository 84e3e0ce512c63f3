"""`make soak`: does a server hold out? 200 clients for five minutes on loopback; exits 1 where it does not.

python -m benchmarks.soak [RUN] [--method rag] [--clients 200] [--minutes 5] [--alone 0.5] [--out soak.json]

One client asks alone, then all at once; told to come again (429), they do after Retry-After. Beside them one reads its
streams slowly, one does not read at all, and three leave a tenth of a second after they asked, again and again. RUN is
a finished run; default: the newest below runs/. Server and clients share this machine's cores.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.serving import answers_of, measure, serving
from data.errors import TriviumError
from data.files import write_json
from evaluation.run.folder import RESULTS

WARM, EDGE = 0.2, 0.1  # shares of the samples of memory: passed over at the beginning, compared at both ends
FEWEST = 60  # samples, a second each, from which growth is judged
MOST_GROWTH = 0.05


def newest_run(runs: Path) -> Path:
    """The finished run that was written last.

    Raises:
        TriviumError: there is none.
    """
    found = sorted(runs.glob(f"*/{RESULTS}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise TriviumError(f"{runs}: no finished run here. Make one (`make demo`) or name one.")
    return found[-1].parent


def growth(memory: Sequence[int]) -> float:
    """Of the memory in use, from after the warm-up to the end, as a share."""
    warm, edge = memory[int(len(memory) * WARM) :], max(1, int(len(memory) * EDGE))
    return mean(warm[-edge:]) / mean(warm[:edge]) - 1


def broken(load: dict[str, Any]) -> list[str]:
    """What a load showed that may not be."""
    others = {name: count for name, count in load["outcomes"].items() if name not in ("200", "429")}
    found = [f"{count} requests ended in {name}" for name, count in others.items()]
    if load["differ_from_the_run"]:
        found.append(f"{load['differ_from_the_run']} answers are not the run's")
    if load["slow_streams"] != load["slow_streams_whole"]:
        found.append(f"{load['slow_streams'] - load['slow_streams_whole']} streams of the slow reader have no end")
    if len(load["memory"]) >= FEWEST and load["memory_growth"] > MOST_GROWTH:
        found.append(f"memory grew by {load['memory_growth']:.1%}")
    return found


def soak(run: Path, method: str, clients: int, minutes: float, alone: float, log: Path) -> dict[str, Any]:
    """Both loads, and what broke. Minutes of all clients, and of the one that is alone."""
    wanted, loads = answers_of(run, method), list[dict[str, Any]]()
    with serving(run, method, log) as (address, pid):
        for many, length in ((1, alone), (clients, minutes)):
            load = measure(address, pid, method, wanted, many, length * 60)
            load["memory_growth"] = growth(load["memory"])
            loads.append(load | {"times_one": load["per_second"] / (loads[0] if loads else load)["per_second"]})
            told = {key: value for key, value in loads[-1].items() if key != "memory"}
            print(json.dumps(told), flush=True)
    return {"method": method, "loads": loads, "broken": [line for load in loads for line in broken(load)]}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--method", default="rag")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--alone", type=float, default=0.5, help="minutes of the client that is alone")
    parser.add_argument("--out", type=Path, default=Path("soak.json"))
    given = parser.parse_args(arguments)
    busy = os.getloadavg()
    run = given.run or newest_run(Path("runs"))
    found = soak(run, given.method, given.clients, given.minutes, given.alone, given.out.with_suffix(".log"))
    write_json(given.out, {"load_before": busy, "load_after": os.getloadavg(), "cores": os.cpu_count()} | found)
    print("\n".join(found["broken"]) or "It held out.")
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
