"""Whole runs until decided on the scripted model: they end early, are proper runs, and come to the same end again."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import saved, write_domain

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder

FACTS = 110


def _write(root: Path) -> None:
    """A domain whose facts a script answers where the evidence is in the prompt: rag finds it, inject is cut off."""
    write_domain(root / "domain", facts=FACTS, trained=False)
    rows = [json.loads(line) for line in (root / "domain" / "questions.jsonl").read_text().split("\n") if line]
    script = [
        {"question": row["question"], "answer": row["answers"][0], "needs": row["evidence"]}
        for row in rows
        if row["answers"] and row.get("split") != "train"
    ]
    (root / "answers.jsonl").write_text("\n".join(map(json.dumps, script)), encoding="utf-8")


def _run(out: str, *more: str) -> None:
    command = ["run", "domain", "--model", "scripted:answers.jsonl", "--search-by", "words", "--device", "cpu"]
    app([*command, "--inject-tokens", "300", "--until-decided", "--out", out, *more], standalone_mode=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two that compete and two yardsticks, one of the two far ahead."""
    root = tmp_path_factory.mktemp("until-decided")
    _write(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        _run("run", "--methods", "base,inject,rag,oracle")
    return root


@pytest.fixture
def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    return folder


def test_it_ends_when_one_is_ahead_and_says_so(folder: Path) -> None:
    run = RunFolder(folder / "run")
    results = saved(run)
    assert results["run"]["ending"] == {"planned": FACTS, "asked": 50, "why": "ahead", "smallest": 5.0}
    assert {name: method["overall"]["n"] for name, method in results["methods"].items()} == dict.fromkeys(
        ("base", "inject", "rag", "oracle"), 50
    )
    assert all(check["passed"] is not False for check in results["audit"]["checks"])
    assert all(m["refusal"]["n_unanswerable"] == 1 for name, m in results["methods"].items() if name != "oracle")
    assert results["verdict"]["recommended"] == "rag"
    said = "The run asked 50 of 110 answerable questions, in random order, and ended there because one method was ahead"
    assert said in results["verdict"]["how_sure"]
    for report in ("report.html", "report.md"):
        assert said in (run.path / report).read_text(encoding="utf-8")
        assert "Waudby-Smith" in (run.path / report).read_text(encoding="utf-8")


def test_all_methods_were_asked_in_turns(folder: Path) -> None:
    """Both that compete before any yardstick, and no method's answers counted twice."""
    answers = [a for a in RunFolder(folder / "run").answers() if a.phase == "main"]
    order = list(dict.fromkeys(a.method for a in answers))
    assert order[:2] == ["inject", "rag"]
    keys = [(a.method, a.question_id) for a in answers]
    assert len(keys) == len(set(keys)) == 4 * 50 + 3


def _without_ending(run: RunFolder, keep: Callable[[int, Any], bool]) -> None:
    """As a kill leaves a run: with some answers, and nothing noted of what came after."""
    record = run.record()
    for key in ("ending", "lines"):
        record.pop(key)
    run.save_record(record | {"status": "running", "methods": {}})
    run.replace_answers([answer for place, answer in enumerate(run.answers()) if keep(place, answer)])
    for name in ("results.json", "report.html", "report.md", "scores.jsonl", "latency.jsonl"):
        (run.path / name).unlink()


@pytest.mark.parametrize(
    "keep", [lambda place, a: a.method == "inject", lambda place, a: a.phase == "main" and a.batch < 50],
    ids=["killed in the first round", "killed before it was noted how it ended"],
)  # fmt: skip
def test_a_stopped_run_comes_to_the_same_end(at_home: Path, tmp_path: Path, keep: Callable[[int, Any], bool]) -> None:
    run = RunFolder(Path(shutil.copytree(at_home / "run", tmp_path / "run")))
    whole, kept = saved(run), sum(keep(place, answer) for place, answer in enumerate(run.answers()))
    _without_ending(run, keep)
    assert 0 < kept < 203
    app(["resume", str(run.path)], standalone_mode=False)
    again = saved(run)
    assert again["run"]["ending"] == whole["run"]["ending"]
    assert again["contrasts"] == whole["contrasts"]
    assert again["verdict"]["summary"] == whole["verdict"]["summary"]


def test_score_compare_and_report_take_it_as_any_run(
    at_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunFolder(Path(shutil.copytree(at_home / "run", tmp_path / "run")))
    before = saved(run)
    app(["score", str(run.path)], standalone_mode=False)
    assert saved(run)["contrasts"] == before["contrasts"]
    app(["compare", "run", str(run.path)], standalone_mode=False)
    app(["report", str(run.path)], standalone_mode=False)
    out = " ".join(capsys.readouterr().out.split())
    assert "rag: 100% to 100% of 50 answerable questions, +0 points" in out
    assert read_results(run).run.ending is not None
    _run("run", "--methods", "base,inject,rag,oracle")
    assert "This run is finished" in capsys.readouterr().out


def test_where_all_were_asked_nothing_was_decided(at_home: Path) -> None:
    """Two that answer alike: rag, and inject with room for all documents; 110 facts leave room for 5 points."""
    _run("alike", "--methods", "inject,rag", "--inject-tokens", "100000")
    results = saved(RunFolder(at_home / "alike"))
    assert results["run"]["ending"] == {"planned": FACTS, "asked": FACTS, "why": "all asked", "smallest": 5.0}
    assert "The run asked all 110 answerable questions and was not decided" in results["verdict"]["how_sure"]
    _run("far", "--methods", "inject,rag", "--inject-tokens", "100000", "--smallest", "15")
    ending = saved(RunFolder(at_home / "far"))["run"]["ending"]
    assert (ending["asked"], ending["why"]) == (50, "alike")


def test_one_method_alone_has_nothing_to_decide(at_home: Path) -> None:
    with pytest.raises(TriviumError, match=re.escape("needs two methods that compete")):
        _run("alone", "--methods", "base,rag,oracle")
