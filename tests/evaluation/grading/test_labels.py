"""A person labels answers without seeing whose they are; the report then tells how far the grader agrees."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fakes import saved
from rich.console import Console
from typer.testing import CliRunner

from data.load import load_domain
from evaluation.cli.main import app
from evaluation.grading.labels import Label, draw, keep_label, read_labels, review_answers, withdraw_label
from evaluation.report.finish import grade_again
from evaluation.run.folder import RunFolder


@pytest.fixture
def folder(make_domain: Any, make_run: Any, right: Any) -> RunFolder:
    made: RunFolder = make_run("mine", load_domain(make_domain()), {"base": lambda q: "unknown", "rag": right})
    return made


def answering(*choices: str) -> Any:
    left: Iterator[str] = iter(choices)
    return lambda prompt: next(left)


def label(folder: RunFolder, *choices: str, size: int = 6) -> tuple[int, str]:
    out = StringIO()
    done = review_answers(folder, answering(*choices), Console(file=out, width=200), size, 0, doubtful=False)
    return done, out.getvalue()


def test_labels_are_kept_at_once_and_asked_once(folder: RunFolder) -> None:
    done, text = label(folder, "y", "?", "n", "q")
    assert done == 2
    assert len(read_labels(folder)) == 2
    assert "Question:" in text
    assert "Accepted:" in text
    assert "rag" not in text
    assert "correct" not in text
    first = {item.key for item in read_labels(folder)}
    assert not first & {(question.id, answer) for question, answer in draw(folder, 6, 0, doubtful=False)}


def test_the_last_word_on_an_answer_counts_once(folder: RunFolder) -> None:
    """Two tabs, or a person who thought again."""
    ((question, answer), *_) = draw(folder, 6, 0, doubtful=False)
    for correct in (True, False):
        keep_label(folder, Label(question_id=question.id, answer=answer, correct=correct))
    assert [label.correct for label in read_labels(folder)] == [False]
    grade_again(folder)
    assert saved(folder)["grader"]["labels"] == 1


def test_a_handful_of_labels_is_no_agreement(folder: RunFolder) -> None:
    """One label would make it a perfect one, with an interval of no width."""
    ((question, answer), *_) = draw(folder, 6, 0, doubtful=False)
    keep_label(folder, Label(question_id=question.id, answer=answer, correct=answer in question.answers))
    grade_again(folder)
    grader = saved(folder)["grader"]
    assert (grader["kappa"], grader["ci_low"], grader["precision"], grader["labels"]) == (None, None, None, 1)
    for name in ("report.html", "report.md"):
        page = (folder.path / name).read_text("utf-8")
        assert "On this run, 1 answer labelled by a person so far; agreement is told from 20 on." in page


def test_the_report_prints_the_agreement_on_this_run(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labelled as the grader grades: right where the accepted form was said."""
    monkeypatch.setattr("evaluation.grading.labels.LEAST", 6)
    drawn = draw(folder, 12, 0, doubtful=False)
    label(folder, *("y" if answer in question.answers else "n" for question, answer in drawn), size=12)
    grade_again(folder)
    grader = saved(folder)["grader"]
    assert grader["kappa"] == 1
    assert grader["labels"] == len(read_labels(folder)) >= 6
    for name in ("report.html", "report.md"):
        assert f"On this run, {grader['labels']} answers drawn by chance" in (folder.path / name).read_text("utf-8")


def test_a_label_is_the_grade_of_a_value_and_never_of_an_abstention(folder: RunFolder) -> None:
    chosen = draw(folder, 12, 0, doubtful=False)
    label(folder, *("n" for _ in chosen), size=12)
    grade_again(folder)
    results = saved(folder)
    labelled = {(question.id, answer) for question, answer in chosen}
    rag = [row for row in folder.rows("answers.jsonl") if row["method"] == "rag"]
    overruled = sum((row["question_id"], row["answer"]) in labelled for row in rag)
    assert results["methods"]["rag"]["overall"]["wrong"] == overruled > 0
    assert results["methods"]["base"]["overall"]["abstained"] == results["methods"]["base"]["overall"]["n"]
    assert results["grader"]["by"]["person"] == overruled


def test_labels_turned_round_are_warned_of(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.grading.labels.LEAST", 6)
    drawn = draw(folder, 20, 0, doubtful=False)
    label(folder, *("n" if answer in question.answers else "y" for question, answer in drawn), size=20)
    grade_again(folder)
    assert any("swapped" in reason for reason in saved(folder)["verdict"]["reasons"])


def test_the_keys_are_shown_and_the_end_of_input_quits(folder: RunFolder) -> None:
    done = CliRunner().invoke(app, ["review", str(folder.path), "--sample", "6"], input="y\n")
    assert done.exit_code == 0, done.output
    assert "[y] right  [n] not right  [s]kip  [q]uit" in done.output
    assert "1 labelled" in done.output


def test_labels_that_a_killed_review_left_are_counted_by_the_next(folder: RunFolder) -> None:
    for question, answer in draw(folder, 6, 0, doubtful=False):
        keep_label(folder, Label(question_id=question.id, answer=answer, correct=answer not in question.answers))
    told = CliRunner().invoke(app, ["review", str(folder.path), "--sample", "6"]).output
    assert "0 labelled" in told
    assert saved(folder)["grader"]["by"]["person"] > 0
    assert "Nothing was labelled" in CliRunner().invoke(app, ["review", str(folder.path), "--sample", "6"]).output
    os.utime(folder.path / "results.json", (1, 1))  # a kill came after the scores and before the results
    assert "0 labelled" in CliRunner().invoke(app, ["review", str(folder.path), "--sample", "6"]).output


def test_a_label_is_taken_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for identity in ("q1", "q2"):
        keep_label(folder, Label(question_id=identity, answer="x", correct=True))
    withdraw_label(folder, ("q1", "x"))
    assert [label.question_id for label in read_labels(folder)] == ["q2"]
    withdraw_label(folder, ("q2", "x"))
    assert read_labels(folder) == []
    assert (tmp_path / "labels.jsonl").exists(), "newer than the grades, which are to be made again"
    keep_label(folder, Label(question_id="q1", answer="x", correct=False))
    assert [(label.question_id, label.correct) for label in read_labels(folder)] == [("q1", False)]


def test_an_answer_whose_label_was_taken_back_has_the_graders_own_grade(folder: RunFolder) -> None:
    ((question, answer), *_) = draw(folder, 6, 0, doubtful=False)
    keep_label(folder, Label(question_id=question.id, answer=answer, correct=answer not in question.answers))
    withdraw_label(folder, (question.id, answer))
    grade_again(folder)
    assert saved(folder)["grader"]["by"].get("person", 0) == 0
    assert saved(folder)["grader"]["labels"] == 0


def test_labels_of_several_people_at_once_are_all_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)

    def person(name: str) -> None:
        for number in range(20):
            keep_label(folder, Label(question_id=f"{name}{number}", answer="x", correct=True))
            if number % 2:
                withdraw_label(folder, (f"{name}{number}", "x"))

    with ThreadPoolExecutor() as people:
        list(people.map(person, "abc"))
    assert {label.question_id for label in read_labels(folder)} == {f"{n}{k}" for n in "abc" for k in range(0, 20, 2)}
