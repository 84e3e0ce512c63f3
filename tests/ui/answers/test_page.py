"""Answers: narrowed, opened by an address, turned over, judged by a person and judged back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from data import jsonl
from data.load import load_domain
from evaluation.grading.labels import read_labels
from evaluation.grading.notes import read_notes
from evaluation.run.folder import RunFolder

Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]
Button = Callable[[AppTest, str], Any]


def _box(page: AppTest, label: str) -> Any:
    return next(box for box in page.selectbox if box.label == label)


def test_answers_can_be_narrowed(opened: Open, runs: Path) -> None:
    page = opened("answers", runs)
    assert len(page.dataframe[0].value) == 7
    page.text_input[0].set_value("flag of harbour1").run()
    assert list(page.dataframe[0].value["accepted"]) == ["heron"]
    page.text_input[0].set_value("").run()
    _box(page, "Kind of question").select("never seen in training").run()
    assert len(page.dataframe[0].value) == 2
    page.button_group[1].set_value("methods differ").run()
    assert len(page.dataframe[0].value) == 2, "base is wrong on both, rag right"
    page.text_input[0].set_value("no such words").run()
    assert not page.exception
    assert "No answer matches" in page.info[0].value


def test_an_address_opens_a_question_under_its_filters(opened: Open, texts: Texts, runs: Path) -> None:
    page = opened("answers", runs, question="flag1-q", kind="never seen in training", mode="failures")
    assert not page.exception
    assert len(page.dataframe[0].value) == 2
    assert page.header[0].value.replace("\\", "") == "Which animal is on the flag of Harbour1?"
    assert "Accepted: heron | a heron" in texts(page)
    shown = [html.proto.body for html in page.get("html")]
    assert any("The flag of Harbour1 shows <mark" in body for body in shown), "the evidence sentence"


def test_the_opened_question_closes_where_it_is_filtered_away_and_no_other_opens(opened: Open, runs: Path) -> None:
    page = opened("answers", runs, question="flag1-q")
    assert page.header
    page.text_input[0].set_value("harbour2?").run()
    assert not page.exception
    assert not page.header
    assert list(page.dataframe[0].value["accepted"]) == ["seal"]
    page.text_input[0].set_value("").run()
    assert page.header[0].value.replace("\\", "").endswith("Harbour1?")


def test_next_and_previous_follow_the_table(opened: Open, button: Button, runs: Path) -> None:
    page = opened("answers", runs, question="flag0-q", text="harbour")
    asked = list(page.dataframe[0].value["question"])
    place = asked.index("Which animal is on the flag of Harbour0?")
    button(page, "Next").click().run()
    assert page.header[0].value.replace("\\", "") == asked[place + 1]
    assert page.query_params["question"] != ["flag0-q"]
    button(page, "Previous").click().run()
    assert page.header[0].value.replace("\\", "") == asked[place]
    button(page, "Close").click().run()
    assert not page.header


def test_a_grade_is_overruled_taken_back_and_then_nothing_is_left_to_count(
    opened: Open, button: Button, texts: Texts, runs: Path
) -> None:
    folder = RunFolder(runs / "made-up")
    page = opened("answers", runs, question="flag1-q")
    button(page, "Mark as right").click().run()
    assert not page.exception
    (label,) = read_labels(folder)
    assert (label.question_id, label.correct, label.drawn) == ("flag1-q", True, "doubtful")
    assert "You said: right." in texts(page)
    assert "1 grade overruled. Not in the figures yet." in texts(page)
    button(page, "Undo").click().run()
    assert read_labels(folder) == []
    assert "You said" not in texts(page)
    assert "Grade again" not in [one.label for one in page.button], "there is nothing to count"
    button(page, "Mark as right").click().run()
    button(page, "Grade again").click().run()
    assert not page.exception
    assert "The figures hold them." in texts(page)
    assert button(page, "Grade again").disabled
    button(page, "Undo").click().run()
    assert not button(page, "Grade again").disabled, "what was counted is to be taken out again"


def test_a_sample_is_labelled_and_counted(opened: Open, button: Button, texts: Texts, runs: Path) -> None:
    page = opened("answers", runs, view="Label a sample")
    button(page, "Wrong").click().run()
    assert not page.exception
    (label,) = read_labels(RunFolder(runs / "made-up"))
    assert (label.correct, label.drawn) == (False, "sample")
    button(page, "Undo").click().run()
    assert read_labels(RunFolder(runs / "made-up")) == []
    button(page, "Wrong").click().run()
    button(page, "Grade again").click().run()
    assert not page.exception
    assert "1 answer labelled by a person so far; agreement is told from 20 on" in texts(page)


def test_a_sample_with_answers_of_a_second_training_is_labelled(
    opened: Open, runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    """The table shows the first training alone; the sample is drawn from all."""
    folder = make_run("twice", load_domain(tmp_path / "domain"), {"lora": right})
    rows = [json.loads(row) for row in (folder.path / "answers.jsonl").read_text("utf-8").splitlines()]
    scores = [json.loads(row) for row in (folder.path / "scores.jsonl").read_text("utf-8").splitlines()]
    for row in (*rows, *scores):
        row["seed"] = 1
    for row in rows:
        row["answer"] = f"second {row['answer']}"
    jsonl.append(folder.path / "answers.jsonl", rows)
    jsonl.append(folder.path / "scores.jsonl", scores)
    page = opened("answers", runs, view="Label a sample")
    next(box for box in page.number_input if box.label == "Sample size").set_value(500).run()
    for _ in range(40):
        found = next((b for b in page.button if b.label == "Right"), None)
        if found is None or found.disabled:
            break
        found.click().run()
        assert not page.exception
    labels = read_labels(RunFolder(runs / "twice"))
    assert any(label.answer.startswith("second ") for label in labels)


def test_a_note_with_a_star_and_tags_is_kept_and_found_again(opened: Open, runs: Path) -> None:
    page = opened("answers", runs, question="flag1-q")
    next(box for box in page.text_input if box.label == "Note").set_value("<b>odd</b> wording").run()
    next(box for box in page.checkbox if box.label == "Star").check().run()
    assert not page.exception
    (note,) = read_notes(RunFolder(runs / "made-up")).values()
    assert (note.question_id, note.text, note.starred) == ("flag1-q", "<b>odd</b> wording", True)
    _box(page, "Tag").select("★").run()
    assert list(page.dataframe[0].value["question"]) == ["Which animal is on the flag of Harbour1?"]
