"""Jobs are processes that wait for each other, can be stopped, and tell how they ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from evaluation.jobs.job import JOBS, Job, all_jobs, job_of, read_job, start, stop


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
    with FileLock(runs / JOBS / "lock"):  # as another job that works
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
    with FileLock(runs / JOBS / "lock"):
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


def test_modules_of_the_workspace_are_not_imported(runs: Path) -> None:
    for name in ("json.py", "typer.py"):
        (runs.parent / name).write_text("raise SystemExit('the workspace was imported')", encoding="utf-8")
    (runs.parent / "data").mkdir()
    (runs.parent / "data" / "__init__.py").touch()
    job = until(_start(runs, "--help"), lambda job: not job.active)
    assert (job.state, "imported" in " ".join(job.log)) == ("finished", False)


def test_a_stopped_job_ends_with_all_that_it_started(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that takes no notice of the request to end is killed."""
    job = until(_start(runs, "--help"), lambda job: not job.active)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(99)"
    )
    starts = f"import subprocess, sys; subprocess.call([sys.executable, '-c', {stubborn!r}])"
    with subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "1\n", "the child has begun"
        (child,) = psutil.Process(parent.pid).children()
        content = {"pid": parent.pid, "created": psutil.Process(parent.pid).create_time()}
        (job.folder / "process.json").write_text(json.dumps(content), encoding="utf-8")
        monkeypatch.setattr("evaluation.jobs.job.ENDING_S", 0.5)
        stop(job)
    assert not psutil.pid_exists(parent.pid)
    ends = time.monotonic() + 60
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:  # it takes its time to die
        assert time.monotonic() < ends, "it goes on"
        time.sleep(0.05)
