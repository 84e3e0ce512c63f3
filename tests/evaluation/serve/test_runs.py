"""Runs over HTTP: listed, read, reported; no name leads out of their folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from openai import APIStatusError, OpenAI

from data.load import load_domain
from evaluation.run.folder import RunFolder


@pytest.fixture
def folder(runs: Path, make_run: Callable[..., Any], right: Any) -> Path:
    """A finished run, one that is not, and one whose record is damaged."""
    domain = load_domain(runs.parent / "domain")
    for name in ("stopped", "damaged"):
        make_run(name, domain, {"base": right})
    stopped = RunFolder(runs / "stopped")
    stopped.save_record(stopped.record() | {"status": "running"})
    (runs / "damaged" / "run.json").write_text("{")
    (runs.parent / "secret").mkdir()
    (runs.parent / "secret" / "run.json").write_text("{}")
    return runs


def test_runs_are_listed_and_read(serve: Callable[..., Any], folder: Path) -> None:
    def get(path: str) -> Any:
        with urlopen(f"{address}/v1/runs{path}") as reply:
            return json.loads(reply.read())

    with serve(runs=str(folder)) as address:
        found = {one["id"]: one for one in get("")["data"]}
        assert {name: one["status"] for name, one in found.items()} == {
            "made-up": "complete", "stopped": "stopped", "damaged": "damaged"
        }  # fmt: skip
        assert "run.json" in found["damaged"]["error"]
        wanted = json.loads((folder / "made-up" / "results.json").read_text())
        wanted.pop("record_sha256")
        assert get("/made-up/results") == wanted
        assert get("/made-up")["verdict"] == wanted["verdict"]
        assert get("/stopped")["verdict"] is None
        with urlopen(f"{address}/v1/runs/made-up/report") as reply:
            page = reply.read().decode()
            assert reply.headers["Content-Security-Policy"] == "sandbox allow-scripts"
        assert wanted["verdict"]["summary"].split(".")[0] in page
        assert "<script>alert(1)</script>" not in page, "an answer of the run is text"


@pytest.mark.parametrize("name", ["../secret", "..", "nothing", "made-up/../../secret", "%2e%2e", "\0"])
def test_no_name_leads_out_of_the_folder(serve: Callable[..., Any], folder: Path, name: str) -> None:
    with serve(runs=str(folder)) as address:
        for path in (f"/v1/runs/{quote(name, safe='')}/results", f"/v1/runs/{quote(name)}/report"):
            with pytest.raises(OSError, match=r"404|400") as told:
                urlopen(f"{address}{path}")
            told.value.close()  # type: ignore[attr-defined]


def test_what_is_not_finished_has_no_report(
    serve: Callable[..., Any], client_of: Callable[..., OpenAI], folder: Path
) -> None:
    with serve(runs=str(folder)) as address:
        for name in ("stopped", "damaged"):
            with pytest.raises(APIStatusError) as told:
                client_of(address).get(f"/runs/{name}/report", cast_to=object)
            assert (told.value.status_code, told.value.code) == (409, "run_not_readable")


def test_without_a_folder_there_are_no_runs(serve: Callable[..., Any]) -> None:
    with serve() as address, pytest.raises(OSError, match="404") as told:
        urlopen(f"{address}/v1/runs")
    told.value.close()  # type: ignore[attr-defined]
