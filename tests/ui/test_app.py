"""The page shows a finished run, narrows its answers, and says what to do where there is none."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.load import load_domain
from evaluation.plan import make_plan
from evaluation.results import build_results, score_answers
from evaluation.run import new_record
from evaluation.run_folder import RunFolder, write_json
from evaluation.settings import RunSettings

APP = Path(__file__).parents[2] / "ui" / "app.py"


@pytest.fixture
def runs(make_domain: Any, make_answer: Any, tmp_path: Path) -> Path:
    """A run folder with answers made up here: rag always right, base never; one answer tries to be markup."""
    domain = load_domain(make_domain())
    settings = RunSettings(domain=domain.folder, methods=("base", "rag"))
    folder = RunFolder(tmp_path / "runs" / "made-up")
    folder.path.mkdir(parents=True)
    entry = {
        "complete": True,
        "prepare_s": 1.0,
        "details": {},
        "memory_peak_bytes": 1,
        "fingerprint_before": "f",
        "fingerprint_after": "f",
    }
    record = new_record(domain, settings, "made-up", "digest")
    record |= {"status": "complete", "methods": {name: {"0": entry} for name in settings.methods}}
    record["model"] = {"name": "tiny", "parameters": 10, "window": 10, "device": "cpu", "fingerprint": "f"}
    folder.save_record(record)
    plan = make_plan(domain, settings)
    folder.write_rows(
        "questions.jsonl",
        [q.model_dump(mode="json") | {"category": str(plan.categories[q.id])} for q in plan.questions],
    )
    rows = {"batch_rows": len(plan.questions)}
    for question in plan.questions:
        right = question.answers[0] if question.answers else "unknown"
        for method, text in (("rag", right), ("base", "<script>alert(1)</script>")):
            folder.append_answers(
                [make_answer(method=method, question_id=question.id, answer=text, generation_s=1, **rows)]
            )
    folder.write_rows("scores.jsonl", score_answers(folder))
    write_json(folder.path / "results.json", build_results(folder))
    return tmp_path / "runs"


def app(runs: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(sys, "argv", ["app.py", str(runs)])
    return AppTest.from_file(str(APP), default_timeout=60).run()


def test_a_run_is_shown(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = app(runs, monkeypatch)
    assert not page.exception
    assert "Too few facts to rank" in page.info[0].value or "fewer than two" in page.info[0].value
    table = page.dataframe[0].value
    assert list(table["method"]) == ["base", "rag"]
    assert list(table["right"]) == ["0% of 6", "100% of 6"]
    answers = page.dataframe[1].value
    assert len(answers) == 7, "four test wordings, two trained ones, one without an answer"
    assert answers["rag"].str.startswith(("✓", "–")).all()


def test_answers_can_be_narrowed(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = app(runs, monkeypatch)
    page.text_input[0].set_value("flag of harbour1").run()
    assert list(page.dataframe[1].value["accepted"]) == ["heron"]
    page.text_input[0].set_value("").run()
    page.selectbox[1].select("held_out").run()
    assert len(page.dataframe[1].value) == 2
    page.checkbox[0].check().run()
    assert len(page.dataframe[1].value) == 2


def test_no_run_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = app(tmp_path, monkeypatch)
    assert not page.exception
    assert "trivium run" in page.warning[0].value


def test_a_broken_run_is_said(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (runs / "made-up" / "results.json").write_text(json.dumps({"model": {}}), encoding="utf-8")
    page = app(runs, monkeypatch)
    assert not page.exception
    assert "cannot be read" in page.error[0].value
