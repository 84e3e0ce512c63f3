"""Runs of a folder over HTTP: which there are, what they found, and their reports. Nothing is started or changed."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from data.errors import TriviumError
from evaluation.report.render import render
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from evaluation.serve.errors import ApiError


class Form(StrEnum):
    """Of a report."""

    HTML = "html"
    MD = "md"
    CSV = "csv"


_KINDS = {Form.HTML: "text/html", Form.MD: "text/markdown", Form.CSV: "text/csv"}


def _folders(runs: Path) -> dict[str, RunFolder]:
    """Runs by name. A name from outside is only ever looked up here, never made into a path."""
    return {path.parent.name: RunFolder(path.parent) for path in sorted(runs.glob("*/run.json"))}


def _found(runs: Path, name: str) -> RunFolder:
    if name not in (known := _folders(runs)):
        raise ApiError(404, f"there is no run {name!r} here.", "run_not_found")
    return known[name]


def _results(folder: RunFolder) -> Results:
    try:
        return read_results(folder)
    except TriviumError as error:  # not finished, or damaged
        raise ApiError(409, str(error), "run_not_readable") from error


def _summary(name: str, folder: RunFolder) -> dict[str, Any]:
    """One run in a list; of a damaged one, what is wrong."""
    try:
        record = folder.record()
        settings = record["settings"]
        return {
            "id": name, "object": "run", "status": record["status"], "created": record.get("created"),
            "model": settings.get("model"), "methods": settings.get("methods"), "error": None,
        }  # fmt: skip
    except TriviumError as error:
        return {"id": name, "object": "run", "status": "damaged", "error": str(error)}


def add_runs(app: FastAPI, runs: Path) -> None:
    """The addresses below /v1/runs. They are plain functions, so that a long one holds no other request up."""

    @app.get("/v1/runs")
    def listed() -> dict[str, Any]:
        """All runs of the folder."""
        return {"object": "list", "data": [_summary(name, folder) for name, folder in _folders(runs).items()]}

    @app.get("/v1/runs/{name}")
    def one(name: str) -> dict[str, Any]:
        """One run, with its verdict where it is finished."""
        folder = _found(runs, name)
        summary = _summary(name, folder)
        finished = summary["status"] == "complete" and (folder.path / "results.json").exists()
        return summary | {"verdict": _results(folder).verdict.model_dump(mode="json") if finished else None}

    @app.get("/v1/runs/{name}/results")
    def results(name: str) -> dict[str, Any]:
        """The content of results.json."""
        return _results(_found(runs, name)).model_dump(mode="json")

    @app.get("/v1/runs/{name}/report")
    def report(name: str, form: Form = Form.HTML) -> Response:
        """The report. The page may run its own script and nothing of this server's."""
        folder = _found(runs, name)
        _results(folder)
        text = render(folder, form.value)
        return Response(text, media_type=_KINDS[form], headers={"Content-Security-Policy": "sandbox allow-scripts"})
