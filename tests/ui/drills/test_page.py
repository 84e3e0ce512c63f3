"""Drills of a run in the app: what each found, none yet, a damaged one, and more of them started as a job."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from evaluation.jobs.job import all_jobs
from evaluation.results.drill import Curve, CurvePoint, DrillResults, DrillTable, drill_path, write_drill
from ui.first_visit import SAMPLE_RUN

Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]


def results(name: str, **told: Any) -> DrillResults:
    whole: dict[str, Any] = {
        "name": name, "title": name.title(), "question": f"Does {name} cost answers?", "size": "smoke",
        "run": "made-up", "domain": "Harbours", "model": "tiny", "device": "cpu", "seed": 0,
        "points": [], "tables": [], "curves": [], "sentences": [], "predicted_s": 60.0, "actual_s": 90.0,
    }  # fmt: skip
    return DrillResults.model_validate(whole | told)


@pytest.fixture
def drilled(runs: Path) -> Path:
    """A run with two drills."""
    dots = [CurvePoint(series="rag", x=x, y=1 - x, low=0.0, high=1.0) for x in (0.0, 0.8)]
    noise = results(
        "noise", sentences=["rag loses 25 points to <b>noise</b>."], settings={"questions": 20},
        tables=[DrillTable(title="Outcomes", heads=["method", "right"], rows=[["rag", "9 of 20"]], note="One run.")],
        curves=[Curve(title="Noise", x="share of noise", y="right", points=dots)],
        not_applicable={"lora": "it was not trained"},
    )  # fmt: skip
    write_drill(runs / "made-up", noise)
    write_drill(runs / "made-up", results("size", sentences=["Nothing is lost."]))
    return runs


def test_the_open_drill_is_told_with_its_tables_and_charts(
    opened: Open, texts: Texts, html: Callable[[AppTest], list[str]], tables: Callable[[AppTest], list[pd.DataFrame]],
    drilled: Path,
) -> None:  # fmt: skip
    page = opened("drills", drilled)
    assert not page.exception
    assert [tab.label for tab in page.tabs] == ["noise", "size"]
    said = texts(page)
    assert "rag loses 25 points to <b>noise</b>." in said
    assert "n/a: lora: it was not trained" in said
    assert "questions 20; seed 0" in said
    assert "Nothing is lost" not in said
    assert [list(table.iloc[0]) for table in tables(page)] == [["rag", "9 of 20"]]
    assert any("right by share of noise, for rag." in body for body in html(page))


def test_a_link_opens_its_drill(opened: Open, texts: Texts, drilled: Path) -> None:
    assert "Nothing is lost." in texts(opened("drills", drilled, drill="size"))


def test_a_damaged_drill_is_a_sentence_and_the_others_stay(opened: Open, texts: Texts, drilled: Path) -> None:
    path = drill_path(drilled / "made-up", "noise")
    path.write_text(path.read_text(encoding="utf-8").replace("25 points", "35 points"), encoding="utf-8")
    page = opened("drills", drilled)
    assert not page.exception
    assert "noise.json" in page.error[0].value.replace("\\", "")
    assert "Nothing is lost." in texts(opened("drills", drilled, drill="size"))


def test_a_run_without_drills_offers_all_of_them(opened: Open, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr("ui.drills.more.start", lambda *given: started.append(given))
    monkeypatch.setattr("ui.drills.more.go", lambda page: started.append(page))
    page = opened("drills", runs)
    assert "None was carried out" in page.info[0].value
    assert page.multiselect[0].value == page.multiselect[0].options
    page.multiselect[0].set_value(["noise", "size"])
    page.button[0].click().run()
    (folder, title, arguments, out, root), gone = started
    assert arguments == ["study", str(runs / "made-up"), "--only", "noise,size", "--smoke"]
    assert (folder, title, out, root, gone) == (runs, "drills: made-up", runs / "made-up", runs.parent, "runs")


def test_none_chosen_starts_nothing(opened: Open, runs: Path) -> None:
    page = opened("drills", runs)
    page.multiselect[0].set_value([])
    page.button[0].click().run()
    assert "Choose at least one" in page.warning[0].value
    assert not all_jobs(runs)


def test_the_sample_run_is_only_read(opened: Open, texts: Texts, tmp_path: Path) -> None:
    page = opened("drills", tmp_path / "empty", run=SAMPLE_RUN)
    assert not page.exception
    assert "the sample can only be read" in texts(page)
    assert not page.multiselect
