"""One process at a time works in the folder of a run or changes a domain; a second one is told who has it.

The lock is the system's own, so it is free again however its process ends. Beside it stands who holds it, for people
and for the app; that file alone blocks nobody.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.files import read_bytes, sweep, write_json

LOCK, HOLDER = ".lock", ".holder.json"
_LARGEST = 2**14  # bytes of what is said of a holder
_RUN = "run.json"  # a folder with it is that of a run
FILES = (LOCK, HOLDER)


@dataclass(frozen=True)
class Holder:
    """The process that works in a folder.

    Args:
        started: when the process began, in seconds since 1970: a number that the system gave to another process since
            does not count.
        since: when it took the folder, in UTC.
    """

    pid: int
    host: str
    started: float
    since: str
    command: str

    @property
    def alive(self) -> bool:
        """Whether that process still runs, as far as this machine can tell."""
        import psutil

        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            return bool(process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE)
        return False

    def __str__(self) -> str:
        place = "this machine" if self.host == socket.gethostname() else self.host
        return f"process {self.pid} on {place} (`trivium {self.command}`, since {self.since[11:16]} UTC)"


def myself(command: str) -> Holder:
    """This process, with what it does as a person would type it after `trivium`."""
    import psutil

    since = datetime.now(UTC).isoformat(timespec="seconds")
    return Holder(os.getpid(), socket.gethostname(), psutil.Process().create_time(), since, command)


def _written(folder: Path) -> Holder | None:
    with suppress(TriviumError, ValueError, TypeError):
        found = Holder(**json.loads(read_bytes(folder / HOLDER, _LARGEST)))
        return found if f"{found.host}{found.since}{found.command}".isprintable() else None
    return None


def _is_locked(folder: Path) -> bool:
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / LOCK, blocking=False):
            return False
    except Timeout:
        return True


def holder_of(folder: Path) -> Holder | None:
    """Who works in this folder now, in any process on any machine; None: nobody."""
    found = _written(folder)
    if found is None:
        return None
    with suppress(OSError):
        working = found.alive if found.host == socket.gethostname() else _is_locked(folder)
        return found if working else None
    return None


@contextmanager
def working_in(folder: Path, command: str) -> Iterator[None]:
    """Hold a folder, which is made where there is none; the lock stays only where there is a run.

    Args:
        command: what is done there, as a person would type it after `trivium`.

    Raises:
        TriviumError: another process has it; the sentence says which.
    """
    from filelock import FileLock, Timeout

    created = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise TriviumError(
            f"{folder}: {_written(folder) or 'another process'} is working in this folder. Wait until it ends, or stop "
            "it; then run the same command again."
        ) from None
    try:
        write_json(folder / HOLDER, asdict(myself(command)))
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        if not (folder / _RUN).exists():
            (folder / LOCK).unlink(missing_ok=True)
        lock.release()
        if created and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def changing_domain(folder: Path, command: str) -> Iterator[None]:
    """Hold the folder of a domain while its files are read, changed and written; what a kill left half-written goes.

    Raises:
        TriviumError: another process has it, or it is the folder of a run, whose questions stay as they were asked.
    """
    if (folder / _RUN).exists():
        raise TriviumError(f"{folder}: this is the folder of a run, and no domain. Name another folder.")
    with working_in(folder, command):
        sweep(folder)
        yield


def append_alone(path: Path, row: Any) -> None:
    """Add a line with a checksum while no other process adds one, whoever holds the folder; on the disk at return."""
    from filelock import FileLock

    with FileLock(path.with_name(f".{path.name}{LOCK}")):
        jsonl.append(path, [row], checked=True)
