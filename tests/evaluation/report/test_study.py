"""The study: one page from what drills left, escaped, with its charts inside and no network."""

import re
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from evaluation.report.study import drill_sections, write_study
from evaluation.results.drill import Curve, CurvePoint, DrillResults, DrillTable, write_drill


def results(**fields: Any) -> DrillResults:
    curve = Curve(title="By noise", x="share of noise", y="answered correctly", points=[
        CurvePoint(series="rag", x=0.0, y=0.8, low=0.6, high=0.9),
        CurvePoint(series="rag", x=0.8, y=0.5, projected=True),
    ])  # fmt: skip
    made = {
        "name": "noise", "title": "Noise", "question": "Does noise cost answers?", "size": "smoke", "run": "r",
        "domain": "Harbours", "model": "tiny", "device": "cpu", "seed": 0, "points": [], "curves": [curve],
        "tables": [DrillTable(title="Outcomes", heads=["method", "what", "right"], rows=[["rag", "0%", "80% of 20"]])],
        "sentences": ["Search (rag): 80% right."], "predicted_s": 60.0, "actual_s": 100.0,
        "settings": {"questions": 20},
    }  # fmt: skip
    return DrillResults.model_validate(made | fields)


def test_the_page_tells_every_drill_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    write_drill(tmp_path, results())
    write_drill(tmp_path, results(name="alpha", title="Alpha"))
    page = write_study(tmp_path, ["noise"]).read_text(encoding="utf-8")
    assert page.index('<h2 id="noise">') < page.index('<h2 id="alpha">')
    assert "Does noise cost answers?" in page
    assert "80% of 20" in page
    assert "It took 1.7 min, predicted 60 s. File: drills/noise.json." in page
    assert page.count("<svg") == 2
    assert 'aria-label="answered correctly by share of noise, for rag."' in page
    text = (tmp_path / "study.md").read_text(encoding="utf-8")
    assert "| rag | 0% | 80% of 20 |" in text


def test_a_busy_machine_is_told(tmp_path: Path) -> None:
    write_drill(tmp_path, results(predicted_quiet_s=30.0, actual_quiet_s=40.0))
    page = write_study(tmp_path).read_text(encoding="utf-8")
    assert "It took 1.7 min, predicted 60 s; on a quiet machine 40 s, predicted 30 s." in page


def test_text_is_escaped_and_nothing_is_fetched(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    write_drill(tmp_path, results(sentences=[bad], not_applicable={"lora": bad}, title=bad))
    page = write_study(tmp_path).read_text(encoding="utf-8")
    assert bad not in page
    assert "default-src 'none'" in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)


def test_the_report_has_a_section_that_leads_to_the_page(tmp_path: Path) -> None:
    assert drill_sections(tmp_path) == []
    write_drill(tmp_path, results())
    (section,) = drill_sections(tmp_path)
    assert section.link is None
    write_study(tmp_path)
    (section,) = drill_sections(tmp_path)
    assert section.link == ("study.html", "All drills with tables and charts")
    assert section.tables[0].rows == (("Noise", "smoke", "Search (rag): 80% right."),)


def test_a_run_without_drills_has_no_study(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no drill was carried out there"):
        write_study(tmp_path)
