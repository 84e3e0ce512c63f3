"""Learning from a run's preferences as a job of a workspace: a tuning, or a reward model."""

from pathlib import Path
from typing import Literal

from data.errors import TriviumError
from evaluation.jobs.job import Job, job_of, start

PREFERS = "prefer"  # the command


def start_learning(runs: Path, name: str, what: Literal["train", "reward"], method: str, by: str) -> Job:
    """Start `trivium prefer RUN --train` or `--reward` with the recipe that it has by default.

    Args:
        by: whose preferences; empty: everybody's.

    Raises:
        TriviumError: another job works on this run.
    """
    run = runs / name
    if (job := job_of(runs, run)) and job.active:
        raise TriviumError(f"{name}: '{job.title}' works on it. It can be stopped on the page Runs.")
    words = "preference tuning" if what == "train" else "reward model"
    arguments = [PREFERS, str(run), f"--{what}", "--methods", method, *(["--by", by] if by else [])]
    return start(runs, f"{name}: {words} of {method}, preferences of {by or 'everybody'}", arguments, run, runs.parent)


def learning_job(runs: Path, name: str) -> Job | None:
    """The newest job of the run, where that learns from preferences."""
    job = job_of(runs, runs / name)
    return job if job and job.arguments[0] == PREFERS else None
