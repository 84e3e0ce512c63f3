"""A run is pushed and pulled from the command line; what is pulled is read like any other."""

from pathlib import Path

import fsspec
from typer.testing import CliRunner

from evaluation.cli.main import app


def _invoke(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    return done.exit_code, done.output + str(done.exception or "")


def test_a_run_goes_to_a_storage_and_comes_back(runs: Path, tmp_path: Path) -> None:
    run, url = runs / "made-up", f"memory://bucket{tmp_path}"
    code, said = _invoke("push", run, url)
    assert (code, f"lie at {url}" in said) == (0, True)
    code, said = _invoke("pull", url, tmp_path / "copy")
    assert (code, "brought there by process" in said) == (0, True)
    names = {path.name for path in run.iterdir() if not path.name.startswith(".")}
    assert {path.name for path in (tmp_path / "copy").iterdir()} == names
    assert _invoke("score", tmp_path / "copy")[0] == 0
    assert "something is there already" in _invoke("pull", url, tmp_path / "copy")[1]
    files, root = fsspec.core.url_to_fs(url)
    files.rm(root, recursive=True)
    assert "no run lies there" in _invoke("pull", url, tmp_path / "again")[1]


def test_a_damaged_run_is_not_pushed(runs: Path, tmp_path: Path) -> None:
    answers = runs / "made-up/answers.jsonl"
    content = answers.read_text()
    answers.write_text(content.replace("otter", "heron", 1))
    code, said = _invoke("push", runs / "made-up", f"memory://bucket{tmp_path}")
    assert (code, "answers.jsonl, line" in said) == (1, True)
    assert not fsspec.filesystem("memory").exists(f"/bucket{tmp_path}")
    assert "no run here" in _invoke("push", tmp_path, f"memory://bucket{tmp_path}")[1]
