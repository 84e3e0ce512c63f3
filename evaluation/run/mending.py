"""A run that was stopped or damaged, made ready to go on: what is whole stays, what is not is asked or made again."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.cache_entry import SEAL, changed_file
from data.errors import TriviumError
from evaluation.run.folder import ANSWERS, LINES, RunFolder, whole_batches
from evaluation.run.records import Answer
from evaluation.run.registry import seed_of

_PREFIX = {"prefix_s": "prepare_s", "prefix_calibrated_s": "prepare_calibrated_s"}  # a part, and the whole it is in


def damages(folder: RunFolder) -> Iterator[tuple[Path, str]]:
    """What of a run has to be made again by its methods, each with a sentence that names file and line."""
    for name in LINES:
        read = folder.answers if name == ANSWERS else folder.latencies if name == "latency.jsonl" else None
        try:
            read() if read else folder.rows(name)
        except TriviumError as error:
            yield folder.path / name, str(error)
    yield from damaged_adapters(folder)


def refuse_damaged(folder: RunFolder) -> None:
    """See that every file of a run is what was written, also where only a part of it is needed.

    Raises:
        TriviumError: one is not; names file and line.
    """
    if damage := next(damages(folder), None):
        raise TriviumError(damage[1])


def damaged_adapters(folder: RunFolder) -> Iterator[tuple[Path, str]]:
    """Adapters that have changed since they were put there; those of earlier versions cannot be told."""
    for adapter in sorted((folder.path / "adapters").glob("[!.]*")):
        if (adapter / SEAL).exists() and (file := changed_file(adapter)):
            said = f"{file}: not what was written, by {SEAL} beside it."
            yield adapter, f"{said} `trivium resume {folder.path}` makes the adapter again."


def mend(folder: RunFolder) -> list[str]:
    """Leave in the folder what is whole, and note in run.json which methods have to go on.

    The record is changed first: a run that is killed in here is a stopped one, and never one that looks complete.

    Returns:
        A sentence for each damage; none for what a kill leaves of an append.

    Raises:
        TriviumError: run.json is damaged.
    """
    record, found = folder.record(), dict(damages(folder))
    kept, broken = _legible_answers(folder)
    lost = found.keys() - {folder.path / ANSWERS}
    unfinished = _unfinished(record, Counter((a.method, a.seed) for a in kept), bool(lost), broken)
    if found or unfinished:
        record["status"] = "running"
        for method, seed in unfinished:
            record["methods"][method][seed]["complete"] = False
        folder.save_record(record)
    for path in lost:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    if (folder.path / ANSWERS).exists():
        folder.replace_answers(kept)
    told = [f"{text.partition(' `trivium')[0]} It is made again." for path, text in found.items() if path in lost]
    if lacking := found.get(folder.path / ANSWERS):
        told.append(f"{lacking.partition(' `trivium')[0]} What is missing of its batch is asked again.")
    return told


def as_first_measured(entry: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a method that was finished before it was mended.

    Its prompt's beginning was read again only because the process is another one, so the seconds of the first time
    stay; what was made again (index, adapter) has those of the second. Seconds of the whole method add up.
    """
    details, first = entry["details"], before["details"]
    added = {name: entry[name] + before.get(name, 0.0) for name in ("wall_s", "processor_s")}
    peaks = [peak for one in (entry, before) if (peak := one.get("memory_peak_bytes")) is not None]
    entry = entry | added | {"memory_peak_bytes": max(peaks, default=None)}
    if not _PREFIX.keys() <= first.keys() or first["prefix_tokens"] != details["prefix_tokens"]:
        return entry
    for seconds, whole in _PREFIX.items():
        entry[whole] = entry[whole] + first[seconds] - details[seconds]
    return entry | {"details": details | {seconds: first[seconds] for seconds in _PREFIX}}


def _legible_answers(folder: RunFolder) -> tuple[list[Answer], bool]:
    """Answers of whole batches, and whether a line could not be read."""
    answers, broken = [], False
    for line in folder.lines(ANSWERS):
        try:
            answers.append(line.model(Answer))
        except TriviumError:
            broken = True
    return whole_batches(answers), broken


def _unfinished(
    record: dict[str, Any], there: Counter[tuple[str, int]], every: bool, broken: bool
) -> list[tuple[str, str]]:
    """Methods, with their seeds, that lack answers, or all: what they made is gone, or nobody counted their answers."""
    return [
        (method, seed)
        for method, seeds in record["methods"].items()
        for seed, entry in seeds.items()
        if every
        or (broken if "answers" not in entry else entry["answers"] != there[method, seed_of(method, int(seed))])
    ]
