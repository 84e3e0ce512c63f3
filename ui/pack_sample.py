"""Packs a finished run of the sample domain as the one that comes with the program: `make sample`.

What the app does not read of it stays behind: adapter, index, and the reports, which are made again from results.json.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from data.errors import TriviumError
from data.files import read_bytes, write_bytes
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder
from ui.first_visit import SAMPLE_FOLDER

FILES = ("results.json", "answers.jsonl", "scores.jsonl", "questions.jsonl", "prompts.jsonl", "chunks.jsonl",
         "retrieval.jsonl", "latency.jsonl")  # fmt: skip
MOST = 3_000_000  # bytes
DOMAIN = "data/orrin_ferries"


def pack(run: Path, to: Path) -> int:
    """Copy what the app shows of a run; returns its bytes. The record names the domain as everybody has it.

    Raises:
        TriviumError: the run is not finished, is of another domain, or is too large.
    """
    folder = RunFolder(run)
    read_results(folder)  # finished, and of this version
    record = folder.record()
    if Path(record["settings"]["domain"]).name != Path(DOMAIN).name:
        raise TriviumError(f"{run} is no run of {DOMAIN}.")
    found = {name: read_bytes(run / name, MOST) for name in FILES if (run / name).exists()}
    record["settings"]["domain"] = DOMAIN
    to.mkdir(exist_ok=True)
    for name, content in found.items():
        write_bytes(to / name, content)
    RunFolder(to).save_record(record)
    size = sum(path.stat().st_size for path in to.iterdir() if path.is_file())
    if size > MOST:
        raise TriviumError(f"{run}: {size:,} bytes are too many, {MOST:,} at most.")
    return size


def newest(runs: Path) -> Path:
    """The newest finished run of `make demo`. Raises TriviumError where there is none."""
    found = sorted(runs.glob("orrin_ferries-smoke*/results.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise TriviumError(f"{runs}: no finished run of the sample domain. `make demo` makes one.")
    return found[-1].parent


def main(arguments: Sequence[str]) -> None:
    run = Path(arguments[0]) if arguments else newest(Path("runs"))
    print(f"{run}: {pack(run, SAMPLE_FOLDER):,} bytes packed into {SAMPLE_FOLDER}.")


if __name__ == "__main__":
    main(sys.argv[1:])
