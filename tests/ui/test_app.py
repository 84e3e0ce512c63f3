"""The page shows a finished run, narrows its answers, and says what to do where there is none."""

import json
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "ui" / "app.py"


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
    answers = page.dataframe[-1].value
    assert len(answers) == 7, "four test wordings, two trained ones, one without an answer"
    assert answers["rag"].str.startswith(("✓", "–")).all()


def test_answers_can_be_narrowed(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = app(runs, monkeypatch)
    page.text_input[0].set_value("flag of harbour1").run()
    assert list(page.dataframe[-1].value["accepted"]) == ["heron"]
    page.text_input[0].set_value("").run()
    page.selectbox[1].select("held_out").run()
    assert len(page.dataframe[-1].value) == 2
    page.checkbox[0].check().run()
    assert len(page.dataframe[-1].value) == 2


def test_no_run_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = app(tmp_path, monkeypatch)
    assert not page.exception
    assert "trivium run" in page.warning[0].value


def test_a_broken_run_is_said(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (runs / "made-up" / "results.json").write_text(json.dumps({"model": {}}), encoding="utf-8")
    page = app(runs, monkeypatch)
    assert not page.exception
    assert "cannot be read" in page.error[0].value
