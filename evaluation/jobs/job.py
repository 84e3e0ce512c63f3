"""Commands started from app or server: processes of their own that wait for each other and outlive who started them.

A job is a folder below runs/.jobs: job.json (what it does), log.txt (what it said), and marks that its worker and who
stops it leave there. All states are read off these files and the process, so all who look see the same.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from data.files import write_json

JOBS = ".jobs"
State = Literal["waiting", "running", "finished", "stopped", "failed", "crashed"]
_workers: list[subprocess.Popen[bytes]] = []  # started here; asked from time to time, so that none stays as a zombie
STARTING_S = 10.0  # a worker that has left no mark for so long has died
ENDING_S = 10.0  # what a job that is stopped has to write down what it did; then it is killed


@dataclass(frozen=True)
class Job:
    """One command line of `trivium`, its process, and what is known of it now."""

    folder: Path
    title: str
    arguments: tuple[str, ...]
    out: str  # the folder that it writes: a run or a domain
    state: State
    created: float  # seconds since 1970
    began: float | None  # when it had not to wait any longer
    ended: float | None

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def log(self) -> list[str]:
        """Lines that it printed so far, without one that it has only begun."""
        path = self.folder / "log.txt"
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        return (text[: text.rfind("\n") + 1] if self.active else text).splitlines()


def start(runs: Path, title: str, arguments: Sequence[str], out: Path, cwd: Path) -> Job:
    """Start `trivium ARGUMENTS` as a process of its own; it waits until no other job works."""
    stamp = time.time()
    folder = runs / JOBS / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(stamp))}-{os.urandom(2).hex()}"
    folder.mkdir(parents=True)
    content = {"title": title, "arguments": list(arguments), "out": str(out), "cwd": str(cwd), "created": stamp}
    write_json(folder / "job.json", content)
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "evaluation.jobs.worker", str(folder)], cwd=cwd, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _workers.append(worker)
    write_json(folder / "process.json", {"pid": worker.pid, "created": psutil.Process(worker.pid).create_time()})
    return read_job(folder)


def _process(folder: Path) -> psutil.Process | None:
    """Its worker, where it lives; a number that the system gave to another process since does not count."""
    with suppress(OSError, ValueError, KeyError, psutil.Error):
        known = json.loads((folder / "process.json").read_text(encoding="utf-8"))
        process = psutil.Process(known["pid"])
        if process.create_time() == known["created"] and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _mark(path: Path) -> float | None:
    return path.stat().st_mtime if path.exists() else None


def read_job(folder: Path) -> Job:
    """What is known of a job now."""
    _workers[:] = [worker for worker in _workers if worker.poll() is None]
    content = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    began, ended = _mark(folder / "began"), _mark(folder / "ended")
    state: State
    if (folder / "stopped").exists():
        state, ended = "stopped", ended or _mark(folder / "stopped")
    elif ended is not None:
        state = "finished" if (folder / "ended").read_text(encoding="utf-8") == "0" else "failed"
    elif _process(folder) or (began is None and time.time() - content["created"] < STARTING_S):
        state = "running" if began is not None else "waiting"
    else:
        state = "crashed"
    return Job(
        folder=folder, title=content["title"], arguments=tuple(content["arguments"]), out=content["out"], state=state,
        created=content["created"], began=began, ended=ended,
    )  # fmt: skip


def all_jobs(runs: Path) -> list[Job]:
    """Jobs of a workspace, the newest first."""
    found = sorted((runs / JOBS).glob("*/job.json"), reverse=True)
    return [read_job(path.parent) for path in found]


def job_of(runs: Path, out: Path) -> Job | None:
    """The newest job that writes this folder."""
    return next((job for job in all_jobs(runs) if Path(job.out).resolve() == out.resolve()), None)


def stop(job: Job) -> None:
    """End a job with everything that it started; what it had written stays, and a run can be resumed."""
    (job.folder / "stopped").touch()
    worker = _process(job.folder)
    if worker is None:
        return
    with suppress(psutil.Error):
        started = worker.children(recursive=True)
        _for_each(started or [worker], psutil.Process.terminate)
        psutil.wait_procs([worker], timeout=ENDING_S)  # it ends when its command has ended
        _for_each([*started, worker], psutil.Process.kill)


def _for_each(processes: Sequence[psutil.Process], do: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with suppress(psutil.Error):  # it has ended by itself
            do(process)
