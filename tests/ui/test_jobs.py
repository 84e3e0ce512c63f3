"""Jobs are processes that wait for each other, can be stopped, and tell how they ended."""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ui.jobs import JOBS, Job, all_jobs, job_of, read_job, start, stop


def until(job: Job, condition: Callable[[Job], bool]) -> Job:
    """The job as soon as this is true of it."""
    ends = time.monotonic() + 60
    while not condition(job := read_job(job.folder)):
        assert time.monotonic() < ends, f"{job}\n{job.log}"
        time.sleep(0.05)
    return job


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def _start(runs: Path, *arguments: str) -> Job:
    return start(runs, "a title", arguments, runs / "mine", runs.parent)


def test_a_command_runs_to_its_end(runs: Path) -> None:
    job = until(_start(runs, "--help"), lambda job: not job.active)
    assert job.state == "finished"
    assert any("context injection" in line for line in job.log)
    assert job.began is not None
    assert job.ended is not None
    assert job.began <= job.ended
    assert job_of(runs, runs / "mine") == job
    assert job_of(runs, runs / "other") is None


def test_a_command_that_fails_leaves_its_words(runs: Path) -> None:
    job = until(_start(runs, "run", "nowhere"), lambda job: not job.active)
    assert job.state == "failed"
    assert "no such folder" in " ".join(job.log)


def test_one_works_at_a_time_and_a_waiting_one_can_be_stopped(runs: Path) -> None:
    (runs / JOBS).mkdir()
    with (runs / JOBS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another job that works
        first = _start(runs, "--help")
        second = _start(runs, "--help")
        time.sleep(1)
        assert [job.state for job in all_jobs(runs)] == ["waiting", "waiting"]
        stop(second)
        assert read_job(second.folder).state == "stopped"
        assert psutil.pid_exists(_pid(first))
    assert until(first, lambda job: not job.active).state == "finished"
    assert read_job(second.folder).state == "stopped"


def _pid(job: Job) -> int:
    import json

    pid: int = json.loads((job.folder / "process.json").read_text(encoding="utf-8"))["pid"]
    return pid


def test_a_killed_worker_has_crashed_and_its_turn_is_free(runs: Path) -> None:
    (runs / JOBS).mkdir()
    with (runs / JOBS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        killed = _start(runs, "--help")
        os.kill(_pid(killed), signal.SIGKILL)
        (killed.folder / "began").touch()
        assert until(killed, lambda job: not job.active).state == "crashed"
    assert until(_start(runs, "--help"), lambda job: not job.active).state == "finished"


def test_a_process_that_took_over_the_number_is_not_the_worker(runs: Path) -> None:
    job = until(_start(runs, "--help"), lambda job: not job.active)
    (job.folder / "ended").unlink()
    content = f'{{"pid": {os.getpid()}, "created": 1.0}}'
    (job.folder / "process.json").write_text(content, encoding="utf-8")
    assert read_job(job.folder).state == "crashed"
