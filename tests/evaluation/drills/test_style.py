"""Form and content apart: by instruction, by examples, by training; facts whose styled answer was never shown."""

import json
from typing import Any

import pytest

from data.errors import Incapable
from evaluation.drills import style, teaching
from evaluation.drills.carry_out import carry_out
from evaluation.drills.style import Style


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(teaching.EPOCHS, "smoke", 1)
    monkeypatch.setattr(style, "SHOWN", 0)


def test_form_and_content_are_counted_apart(trained_bench: Any) -> None:
    made = trained_bench()
    drill = Style()
    (question,) = drill._asked(made)
    said = {"Flags: otter. Bye.": (1, 1, 1), "Flags: seal. Bye.": (1, 0, 0), "otter": (0, 1, 0), "seal": (0, 0, 0)}
    for text, wanted in said.items():
        (grade,) = made.grader.grade([(question, text)])
        reply = style.Reply(question, text, grade.grade, more={"form": bool(wanted[0]), "styled": True})
        found = style._figures([reply])
        assert (found["form"], found["content"], found["both"]) == wanted, text
        assert found["form, fact never styled"] is None


def test_every_way_is_measured_alone_and_with_retrieval(trained_bench: Any) -> None:
    results = carry_out(Style(), trained_bench())
    ways = ("the instruction alone", "examples in the prompt", "trained on styled answers")
    assert [(p.method, p.setting) for p in results.points] == [(name, way) for name in ("base", "rag") for way in ways]
    (table,) = results.tables
    assert table.heads[5:8] == ["form only", "content only", "neither"]
    for row in table.rows:
        both = int(row[4].split("% of ")[0]) // 100  # of one question
        assert both + sum(map(int, row[5:8])) == 1


def test_training_sees_the_styled_answer_where_there_is_one(trained_bench: Any) -> None:
    taught = Style()._course(trained_bench())
    styles = [q.reference_style for q in taught.questions if q.reference_style]
    assert styles == ["Flags: otter. Bye."]
    assert {q.fact_id for q in taught.questions} == {"flag0"}


def test_a_domain_without_a_house_form_measures_nothing(bench: Any) -> None:
    with pytest.raises(Incapable, match="no house form"):
        carry_out(Style(), bench())


def test_what_is_kept_of_an_answer_says_whether_it_has_the_form(trained_bench: Any) -> None:
    made = trained_bench()
    carry_out(Style(), made)
    rows = [json.loads(line) for line in (made.path / "drills" / "style.smoke.jsonl").read_text().splitlines()]
    assert all({"form", "styled"} <= row["more"].keys() for row in rows if "answer" in row)
