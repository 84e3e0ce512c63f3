"""Runs are started, followed, stopped and gone on with over HTTP, and nothing outside the workspace is named."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fakes import write_domain
from filelock import FileLock

from data.load import load_domain
from evaluation.jobs.job import JOBS
from evaluation.run.options import OPTIONS
from evaluation.serve import run_jobs
from evaluation.serve.gate import Rules
from evaluation.serve.run_requests import RunRequest

OPTIONS_OF_A_RUN = {
    "model": "scripted:script.jsonl", "methods": "rag", "search_by": "words", "profile": "smoke", "general": 0,
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A domain, a script that answers its questions, and a folder for runs."""
    domain = load_domain(write_domain(tmp_path / "domain"))
    lines = [{"question": one.question, "answer": one.answers[0]} for one in domain.questions if one.answers]
    (tmp_path / "script.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "runs" / JOBS).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def at(serve: Callable[..., Any], workspace: Path) -> Iterator[str]:
    with serve(runs=str(workspace / "runs"), start_runs=True) as address:
        yield f"{address}/v1/runs"


def _start(at: str, name: str = "mine", **options: Any) -> requests.Response:
    return requests.post(at, json={"domain": "domain", "name": name, "options": OPTIONS_OF_A_RUN | options})


def _events(reply: requests.Response) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, id and content of each event of a stream that ends."""
    found = []
    for block in reply.content.decode().strip().split("\n\n"):
        if not block.startswith(":"):
            lines = dict(line.split(": ", 1) for line in block.split("\n"))
            found.append((lines["event"], lines.get("id", ""), json.loads(lines["data"])))
    return found


def test_a_run_is_started_followed_and_read(at: str, workspace: Path) -> None:
    started = _start(at)
    assert (started.status_code, started.json()["id"]) == (202, "mine"), started.text
    assert started.json()["status"] in ("waiting", "running")
    told = _events(requests.get(f"{at}/mine/events"))
    states = [content["status"] for kind, _, content in told if kind == "status"]
    assert states[-1] == "complete", told
    assert set(states[:-1]) <= {"waiting", "running"}
    lines = [content["line"] for kind, _, content in told if kind == "log"]
    assert lines[0].startswith("Trivium: ")
    assert [place for kind, place, _ in told if kind == "log"] == [str(n) for n in range(1, len(lines) + 1)]
    again = _events(requests.get(f"{at}/mine/events", headers={"Last-Event-ID": "2"}))
    assert [content["line"] for kind, _, content in again if kind == "log"] == lines[2:]
    one = requests.get(f"{at}/mine").json()
    assert (one["status"], one["methods"], one["error"]) == ("complete", ["rag"], None)
    assert one["verdict"]["summary"] in json.dumps(requests.get(f"{at}/mine/results").json()["verdict"])
    assert "rag" in requests.get(f"{at}/mine/report?form=md").text
    assert json.loads((workspace / "runs/mine/run.json").read_text())["settings"]["search_by"] == "words"


def test_one_that_waits_is_stopped_and_one_that_was_stopped_goes_on(at: str, workspace: Path) -> None:
    with FileLock(workspace / "runs" / JOBS / "lock"):  # as another job that works
        assert _start(at, "first").json()["status"] == "waiting"
        assert requests.get(f"{at}/first").json()["status"] == "waiting"
        assert _start(at, "first").json()["error"]["code"] == "name_not_free"
        stopped = requests.post(f"{at}/first/stop")
        assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped"), stopped.text
        assert requests.post(f"{at}/first/stop").json()["error"]["code"] == "run_not_active"
        assert requests.post(f"{at}/first/resume").json()["error"]["code"] == "run_not_stopped", "it never began"
    assert _start(at, "second").status_code == 202
    requests.get(f"{at}/second/events")
    record = workspace / "runs/second/run.json"
    (workspace / "runs/second/results.json").unlink()
    assert json.loads(record.read_text())["status"] == "complete"
    assert requests.post(f"{at}/second/resume").status_code == 202
    assert _events(requests.get(f"{at}/second/events"))[-1][2] == {"status": "complete"}
    assert requests.get(f"{at}/second/results").status_code == 200, "what was missing is made again"


def test_one_that_fails_says_why(at: str, workspace: Path) -> None:
    (workspace / "script.jsonl").write_text("{")
    _start(at)
    assert _events(requests.get(f"{at}/mine/events"))[-1][2] == {"status": "failed"}
    one = next(run for run in requests.get(at).json()["data"] if run["id"] == "mine")
    assert one["status"] == "failed"
    assert one["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"domain": "../other"}, {"domain": "/etc"}, {"domain": "link"}, {"domain": "a\0b"}, {"domain": "nothing"},
        {"options": {"model": "../weights"}}, {"options": {"model": "/weights"}}, {"options": {"model": "~/weights"}},
        {"options": {"model": "scripted:../script.jsonl"}}, {"options": {"model": "link"}},
        {"options": {"embedder": "/weights"}}, {"options": {"writer": "../weights"}},
        {"options": {"model": "openai:x", "train_with": "hosted"}},
        {"options": {"model": "openai:x", "base_url": "http://localhost:1/v1"}},
        {"options": {"out": "elsewhere"}}, {"options": {"method": ["mine=python:os:system"]}},
        {"options": {"methods": "nothing"}}, {"options": {"epochs": 0}}, {"options": {"top_k": "--out=x"}},
        {"name": "../mine"}, {"name": ".jobs"}, {"name": "a/b"}, {"name": "-x"},
    ],
)  # fmt: skip
def test_what_lies_outside_or_cannot_be_is_refused(at: str, workspace: Path, body: dict[str, Any]) -> None:
    outside = workspace.parent / f"{workspace.name}-outside"
    write_domain(outside / "domain")
    (workspace / "link").symlink_to(outside / "domain")
    whole = {"domain": "domain", "name": "mine"} | body
    refused = requests.post(at, json=whole)
    assert refused.status_code in (400, 409), refused.text
    assert requests.get(at).json()["data"] == []


def test_every_option_reaches_the_command() -> None:
    """What the server takes by name stands on the command line so that no value can be an option."""
    values: dict[str, Any] = {"methods": "rag,lora", "until_decided": True, "merge_adapter": False, "index": "exact"}
    asked = RunRequest.model_validate({"domain": "d", "options": values | {"top_k": 3, "model": "--out"}})
    wanted = {"--methods=rag,lora", "--until-decided", "--no-merge-adapter", "--index=exact", "--top-k=3"}
    assert set(asked.arguments()) == wanted | {"--model=--out"}
    fields = RunRequest.model_json_schema()["$defs"]["RunOptions"]["properties"]
    assert fields.keys() == {option.name for option in OPTIONS} - {"base_url", "train_processes"}


def test_a_server_starts_runs_only_where_it_was_told_to(serve: Callable[..., Any], workspace: Path) -> None:
    key = "0123456789abcdef"
    with serve(Rules(key), runs=str(workspace / "runs")) as address:
        at = f"{address}/v1/runs"
        assert _start(at).status_code == 401
        bearing = {"Authorization": f"Bearer {key}"}
        for path in ("", "/mine/stop", "/mine/resume"):
            refused = requests.post(f"{at}{path}", json={"domain": "domain"}, headers=bearing)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "runs_are_read_only")


def test_a_page_of_another_server_starts_nothing(at: str) -> None:
    for origin in ("https://example.org", "null", "http://localhost:1", "http://["):
        refused = requests.post(f"{at}/mine/stop", headers={"Origin": origin})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "cross_origin")
    own = at.removesuffix("/v1/runs")
    assert requests.post(f"{at}/mine/stop", headers={"Origin": own}).status_code == 404


def test_so_many_wait_and_no_more(at: str, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_jobs, "MOST", 1)
    with FileLock(workspace / "runs" / JOBS / "lock"):
        assert _start(at, "first").status_code == 202
        full = _start(at, "second")
        assert (full.status_code, full.headers["Retry-After"]) == (429, "60")
        requests.post(f"{at}/first/stop")
    assert _start(at, "second").status_code == 202
    requests.get(f"{at}/second/events")


def test_who_follows_is_told_when_the_server_stops_and_gives_its_place_back(
    serve: Callable[..., Any], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_jobs, "FOLLOWERS", 1)
    with FileLock(workspace / "runs" / JOBS / "lock"):
        with serve(runs=str(workspace / "runs"), start_runs=True) as address:
            at = f"{address}/v1/runs"
            _start(at)
            first = requests.get(f"{at}/mine/events", stream=True)
            lines = first.iter_lines()  # the connection is closed with it
            assert next(lines) == b"event: status"
            assert requests.get(f"{at}/mine/events").status_code == 429
            first.close()
            ends = threading.Event()
            while (again := requests.get(f"{at}/mine/events", stream=True)).status_code == 429:
                ends.wait(0.05)  # until the server has seen that the first one left
            assert again.status_code == 200
        assert b'data: {"status": "waiting"}' in again.content, "the stream has an end"
        with serve(runs=str(workspace / "runs"), start_runs=True) as address:
            assert requests.post(f"{address}/v1/runs/mine/stop").json()["status"] == "stopped", (
                "another server knows it"
            )
