"""Runs as jobs of a workspace: started under a name that is free, gone on with, and found again."""

import re
from collections.abc import Sequence
from pathlib import Path

from data.errors import TriviumError
from evaluation.jobs.job import Job, all_jobs, job_of, start

_NAME = r"[\w][\w.+-]{0,99}"
_COMMANDS = ("run", "resume")


def start_run(runs: Path, domain: Path, name: str, arguments: Sequence[str]) -> Job:
    """Start `trivium run` on a domain of the workspace around `runs`.

    Raises:
        TriviumError: the name cannot be used, or a run has it.
    """
    if not re.fullmatch(_NAME, name):
        raise TriviumError(f"'{name}' is not a valid run name. Use letters, digits, dots and hyphens.")
    out = runs / name
    if _taken(out) or ((job := job_of(runs, out)) and job.active):
        raise TriviumError(f"There is already a run named '{name}'. Choose another name.")
    return start(runs, name, ["run", str(domain), *arguments, "--out", str(out)], out, runs.parent)


def _taken(out: Path) -> bool:
    """Whether there is more than the lock that a run leaves which was killed before its first file."""
    return out.exists() and (not out.is_dir() or any(not entry.name.startswith(".") for entry in out.iterdir()))


def resume_run(runs: Path, name: str) -> Job:
    """Go on with a run that was stopped."""
    out = runs / name
    return start(runs, name, ["resume", str(out)], out, runs.parent)


def run_jobs(runs: Path) -> dict[str, Job]:
    """The newest job of each run that has one, by the run's name."""
    found: dict[str, Job] = {}
    for job in all_jobs(runs):
        out = Path(job.out)
        if job.arguments[0] in _COMMANDS and out.parent.resolve() == runs.resolve():
            found.setdefault(out.name, job)
    return found
