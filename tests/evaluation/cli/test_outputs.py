"""A file that a command writes never takes the place of what it reads, nor of a part of a run."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.cli.terminal import refuse_to_lose

ROW = {"id": "a", "question": "How long?", "answers": ["35 minutes"], "candidate": "35 min", "correct": True}


@pytest.mark.parametrize("name", ["results.json", "run.json", "answers.jsonl"])
def test_a_report_replaces_no_file_of_any_run(runs: Path, name: str) -> None:
    out = runs / "made-up" / name
    before = out.read_bytes()
    done = CliRunner().invoke(app, ["report", str(runs / "made-up"), "--out", str(out)])
    assert isinstance(done.exception, TriviumError)
    assert str(done.exception) == f"{out}: a file of a run, which would be lost. Give --out another name."
    assert out.read_bytes() == before
    (elsewhere := runs.parent / "page.md").write_text("old", encoding="utf-8")
    assert CliRunner().invoke(app, ["report", str(runs / "made-up"), "--out", str(elsewhere)]).exit_code == 0
    assert elsewhere.read_text(encoding="utf-8").startswith("# ")


def test_grades_replace_no_answers_and_no_labels(tmp_path: Path, runs: Path) -> None:
    (answers := tmp_path / "a.jsonl").write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    (link := tmp_path / "again.jsonl").symlink_to(answers)
    for out in (answers, link, runs / "made-up" / "scores.jsonl"):
        before = out.read_bytes()
        done = CliRunner().invoke(app, ["grade", str(answers), "--out", str(out)])
        assert isinstance(done.exception, TriviumError)
        assert "would be lost. Give --out another name." in str(done.exception)
        assert out.read_bytes() == before
    with pytest.raises(TriviumError, match="read by this command"):
        refuse_to_lose(answers, tmp_path / "others.jsonl", answers)
