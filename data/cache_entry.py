"""An entry of the cache: a folder that is whole or absent, made by one process at a time and checked when used."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import TriviumError
from data.files import read_text, regular_size, whole_folder, write_json

SEAL = "DIGESTS.json"  # SHA-256 of every other file of the entry, and which entry it is
_ENTRY = ""  # what names the entry there; no file has this name
Say = Callable[[str], None]


def cache_folder() -> Path:
    """Where converted weights and adapters are kept: $TRIVIUM_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("TRIVIUM_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trivium"


def sha256_of(path: Path) -> str:
    """Hex digest of a file. Raises TriviumError where there is no such regular file."""
    regular_size(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != SEAL)
    return {str(path.relative_to(folder)): sha256_of(path) for path in sorted(files)}


def seal(folder: Path, entry: str = "") -> None:
    """Write down the digests of all files of a folder, and the name of the entry that they are."""
    write_json(folder / SEAL, _digests(folder) | ({_ENTRY: entry} if entry else {}))


def changed_file(folder: Path, free: Collection[str] = ()) -> Path | None:
    """The first file of a sealed folder that is missing, new or not what was written; of a damaged seal, that.

    Args:
        free: names of files that may be changed.
    """
    try:
        wanted, found = json.loads(read_text(folder / SEAL)), _digests(folder)
        for name in (_ENTRY, *free):
            wanted.pop(name, None)
            found.pop(name, None)
        changed = wanted.items() ^ found.items()
    except (TriviumError, OSError, ValueError, AttributeError, TypeError):
        return folder / SEAL
    return folder / min(name for name, _ in changed) if changed else None


def is_whole(folder: Path) -> bool:
    """Whether a folder holds exactly the files that were sealed, byte for byte."""
    return changed_file(folder) is None


def _sealed_as(folder: Path) -> str:
    """Which entry a whole folder is; those of earlier versions do not say, and are what they are called."""
    return str(json.loads(read_text(folder / SEAL)).get(_ENTRY, folder.name))


def is_entry(folder: Path) -> bool:
    """Whether a folder of the cache is whole, and is not another entry that somebody copied to this place."""
    return is_whole(folder) and _sealed_as(folder) == folder.name


@contextmanager
def alone(folder: Path, what: str, say: Say) -> Iterator[None]:
    """Only one process makes an entry; the lock is free again however its process ends."""
    from filelock import FileLock, Timeout

    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(f"another process is making the same {what}; waiting for it")
        lock.acquire(poll_interval=0.5)
    try:
        yield
    finally:
        lock.release()


def obtain(
    folder: Path, make: Callable[[Path], None], what: str, say: Say,
    is_old: Callable[[Path], bool] = lambda folder: False,
) -> bool:  # fmt: skip
    """See that the entry is there and whole: find it, wait for the process that makes it, or make it.

    Args:
        make: fills an empty folder, which becomes the entry.
        what: is in it, for people.
        is_old: whether a folder without a seal is an entry of an earlier version, and whole.

    Returns:
        Whether it was there.
    """

    def usable() -> bool:
        return is_entry(folder) or (not (folder / SEAL).exists() and is_old(folder))

    if usable():
        return True
    with alone(folder, what, say):
        if usable():
            return True
        if folder.exists():
            aside = folder.with_name(f"{folder.name}.damaged")
            shutil.rmtree(aside, ignore_errors=True)
            folder.replace(aside)
            wrong = f"is another one ({_sealed_as(aside)})" if is_whole(aside) else "was damaged"
            say(f"the {what} in the cache {wrong}; it lies in {aside} now and is made again")
        with whole_folder(folder) as scratch:
            make(scratch)
            seal(scratch, folder.name)
    return False
