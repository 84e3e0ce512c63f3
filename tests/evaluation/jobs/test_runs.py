"""A run's name is free until there is something of a run under it."""

import time
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from data.errors import TriviumError
from evaluation.jobs.job import JOBS, read_job, stop
from evaluation.jobs.runs import start_run


def test_one_that_was_killed_before_its_first_file_can_be_started_again(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    (runs / JOBS).mkdir(parents=True)
    (runs / "mine").mkdir()
    (runs / "mine" / ".lock").touch()  # all that such a run leaves
    with FileLock(runs / JOBS / "lock"):
        job = start_run(runs, tmp_path / "domain", "mine", ())
        assert job.state == "waiting"
        stop(job)
        while psutil.Process().children():
            read_job(job.folder)  # looks after processes that have ended
            time.sleep(0.01)
    (runs / "mine" / "run.json").write_text("{}")
    with pytest.raises(TriviumError, match="already a run named 'mine'"):
        start_run(runs, tmp_path / "domain", "mine", ())
