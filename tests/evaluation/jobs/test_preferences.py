"""Learning from preferences as a job: the command that it is."""

from pathlib import Path

import pytest

from evaluation.jobs import preferences
from evaluation.jobs.job import job_of, stop


def test_the_command_is_that_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").mkdir()
    job = preferences.start_learning(tmp_path / "runs", "mine", "reward", "lora", "ann")
    assert job.arguments == ("prefer", str(tmp_path / "runs" / "mine"), "--reward", "--methods", "lora", "--by", "ann")
    assert preferences.learning_job(tmp_path / "runs", "mine") is not None
    stop(job)
    monkeypatch.setattr(preferences, "job_of", lambda runs, out: None)
    everybody = preferences.start_learning(tmp_path / "runs", "mine", "train", "lora", "")
    assert "--by" not in everybody.arguments
    stop(everybody)
    assert job_of(tmp_path / "runs", tmp_path / "runs" / "mine")
