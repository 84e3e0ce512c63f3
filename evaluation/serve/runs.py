"""Runs of a folder over HTTP: which there are, what they found, and their reports."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from data.errors import TriviumError
from data.lock import holder_of
from evaluation.jobs.job import Job
from evaluation.jobs.runs import run_jobs
from evaluation.report.render import render
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RESULTS, RunFolder
from evaluation.serve.errors import ApiError


class Form(StrEnum):
    """Of a report."""

    HTML = "html"
    MD = "md"
    CSV = "csv"


_KINDS = {Form.HTML: "text/html", Form.MD: "text/markdown", Form.CSV: "text/csv"}


@dataclass(frozen=True)
class Known:
    """A run: its folder, which is not there before it begins, and the newest job that worked on it."""

    folder: RunFolder
    job: Job | None

    @property
    def status(self) -> str:
        """waiting, running, complete, stopped, failed or crashed."""
        if self.job and self.job.active:
            return self.job.state
        if holder_of(self.folder.path):
            return "running"
        if self.folder.exists() and self.folder.record()["status"] == "complete":
            return "complete"
        return self.job.state if self.job and self.job.state != "finished" else "stopped"


def known_runs(runs: Path) -> dict[str, Known]:
    """Runs by name. A name from outside is only ever looked up here, never made into a path."""
    jobs = run_jobs(runs)
    names = {path.parent.name for path in runs.glob("*/run.json")} | jobs.keys()
    return {name: Known(RunFolder(runs / name), jobs.get(name)) for name in sorted(names)}


def found(runs: Path, name: str) -> Known:
    """The run of that name. Raises ApiError where there is none."""
    if name not in (known := known_runs(runs)):
        raise ApiError(404, f"there is no run {name!r} here.", "run_not_found")
    return known[name]


def _results(folder: RunFolder) -> Results:
    try:
        return read_results(folder)
    except TriviumError as error:  # not finished, or damaged
        raise ApiError(409, str(error), "run_not_readable") from error


def summary(name: str, run: Known) -> dict[str, Any]:
    """One run in a list; of a damaged or failed one, what is wrong."""
    try:
        status = run.status
        said = run.job.log[-1:] if run.job and status in ("failed", "crashed") else []
        record = run.folder.record() if run.folder.exists() else {}
        settings = record.get("settings", {})
        return {
            "id": name, "object": "run", "status": status, "created": record.get("created"),
            "model": settings.get("model"), "methods": settings.get("methods"), "error": said[0] if said else None,
        }  # fmt: skip
    except TriviumError as error:
        return {"id": name, "object": "run", "status": "damaged", "error": str(error)}


def add_runs(app: FastAPI, runs: Path) -> None:
    """The addresses below /v1/runs. They are plain functions, so that a long one holds no other request up."""

    @app.get("/v1/runs")
    def listed() -> dict[str, Any]:
        """All runs of the folder."""
        return {"object": "list", "data": [summary(name, run) for name, run in known_runs(runs).items()]}

    @app.get("/v1/runs/{name}")
    def one(name: str) -> dict[str, Any]:
        """One run, with its verdict where it is finished."""
        run = found(runs, name)
        told = summary(name, run)
        finished = told["status"] == "complete" and (run.folder.path / RESULTS).exists()
        return told | {"verdict": _results(run.folder).verdict.model_dump(mode="json") if finished else None}

    @app.get("/v1/runs/{name}/results")
    def results(name: str) -> dict[str, Any]:
        """The content of results.json."""
        return _results(found(runs, name).folder).model_dump(mode="json")

    @app.get("/v1/runs/{name}/report")
    def report(name: str, form: Form = Form.HTML) -> Response:
        """The report. The page may run its own script and nothing of this server's."""
        folder = found(runs, name).folder
        _results(folder)
        text = render(folder, form.value)
        return Response(text, media_type=_KINDS[form], headers={"Content-Security-Policy": "sandbox allow-scripts"})
