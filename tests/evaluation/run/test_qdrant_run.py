"""A run whose index a Qdrant server searches gives the answers of one with faiss, also when the server fails."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from fake_qdrant import FakeQdrant, qdrant_server
from typer.testing import CliRunner

from evaluation.cli.main import app
from evaluation.run.folder import RunFolder
from rag.qdrant_server import KEY_VARIABLE, URL_VARIABLE


def _run(domain: Path, model: Path, out: Path, index: str) -> Result:
    options = [
        "--methods",
        "base,rag",
        "--profile",
        "smoke",
        "--general",
        "0",
        "--max-new-tokens",
        "4",
        "--device",
        "cpu",
    ]
    options += ["--chunk-tokens", "60", "--model", str(model), "--index", index, "--out", str(out)]
    return CliRunner().invoke(app, ["run", str(domain), *options])


def _answers(path: Path) -> list[tuple[str, str, str, str]]:
    return [(a.method, a.question_id, a.prompt_sha256, a.answer) for a in RunFolder(path).answers()]


def test_the_same_answers_whoever_searches_and_whatever_the_server_does(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    domain = make_domain()
    refused = _run(domain, tiny_model_folder, tmp_path / "none", "qdrant")
    assert "--index qdrant needs a Qdrant server" in str(refused.exception)
    assert not (tmp_path / "none/run.json").exists(), "said before anything is computed"
    assert _run(domain, tiny_model_folder, tmp_path / "exact", "exact").exit_code == 0
    wanted = _answers(tmp_path / "exact")
    with qdrant_server(FakeQdrant(key="secret-1", fails_after=0)) as fake:
        monkeypatch.setenv(URL_VARIABLE, fake.url)
        monkeypatch.setenv(KEY_VARIABLE, "secret-1")
        failed = _run(domain, tiny_model_folder, tmp_path / "run", "qdrant")
        assert "failed with status 500" in str(failed.exception)
        assert {answer[0] for answer in _answers(tmp_path / "run")} == {"base"}
        fake.fails_after = None
        resumed = CliRunner().invoke(app, ["resume", str(tmp_path / "run")])
        assert resumed.exit_code == 0, resumed.output
    assert _answers(tmp_path / "run") == wanted
    for path in (tmp_path / "run").rglob("*"):
        assert not path.is_file() or b"secret-1" not in path.read_bytes()
        assert not path.is_file() or fake.url.encode() not in path.read_bytes()
    with qdrant_server(FakeQdrant()) as empty:
        monkeypatch.setenv(URL_VARIABLE, empty.url)
        asked = CliRunner().invoke(app, ["ask", "Which animal is on the flag?", "--run", str(tmp_path / "run")])
        assert (asked.exit_code, empty.uploads) == (0, 1), "another server is filled from the run's own file"
