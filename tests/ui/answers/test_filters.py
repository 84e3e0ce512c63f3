"""Which questions each mode and filter lets through, for answers made up here."""

from collections.abc import Callable
from typing import Any

import pytest

from data.schema import Question
from evaluation.analysis.graded_run import GradedAnswer
from evaluation.grading.notes import Note
from ui.answers.filters import DIFFER, FAILURES, ONLY, STARRED, Filter

QUESTION = Question(id="q", question="How long is it kept?", answers=("24 months",))
NOWHERE = Question(id="n", question="Who paints it?", answers=())


@pytest.fixture
def graded(make_answer: Callable[..., Any]) -> Callable[..., list[GradedAnswer]]:
    """Answers to one question: a grade for each method."""

    def make(question: Question = QUESTION, **grades: str) -> list[GradedAnswer]:
        return [
            GradedAnswer(question, "held_out", make_answer(method=name, question_id=question.id, answer=f"by {name}"),
                         {"grade": grade}, "not_retrieved" if grade == "wrong" else None)
            for name, grade in grades.items()
        ]  # fmt: skip

    return make


@pytest.mark.parametrize(
    ("chosen", "grades", "shown"),
    [
        (Filter(), {"rag": "correct"}, True),
        (Filter(FAILURES), {"rag": "correct", "base": "wrong"}, True),
        (Filter(FAILURES), {"rag": "correct", "base": "unscored"}, False),
        (Filter(FAILURES, "rag"), {"rag": "correct", "base": "wrong"}, False),
        (Filter(FAILURES, "base"), {"rag": "correct", "base": "abstained"}, True),
        (Filter(DIFFER), {"rag": "wrong", "base": "abstained"}, True),
        (Filter(DIFFER), {"rag": "wrong", "base": "wrong"}, False),
        (Filter(ONLY), {"rag": "correct", "base": "wrong"}, True),
        (Filter(ONLY), {"rag": "correct", "base": "correct"}, False),
        (Filter(ONLY, "base"), {"rag": "correct", "base": "wrong"}, False),
        (Filter(ONLY, "rag"), {"rag": "correct", "base": "wrong"}, True),
        (Filter(kind="paraphrased"), {"rag": "correct"}, False),
        (Filter(outcome="wrong"), {"rag": "correct", "base": "wrong"}, True),
        (Filter(outcome="wrong", method="rag"), {"rag": "correct", "base": "wrong"}, False),
        (Filter(outcome="unknown"), {"rag": "abstained"}, True),
        (
            Filter(outcome="unknown", cause="the right passage was not retrieved"),
            {"a": "wrong", "b": "abstained"},
            False,
        ),
        (Filter(cause="the right passage was not retrieved"), {"rag": "wrong"}, True),
        (Filter(cause="never trained"), {"rag": "wrong"}, False),
        (Filter(text="HOW LONG"), {"rag": "correct"}, True),
        (Filter(text="by rag"), {"rag": "correct"}, True),
        (Filter(text="by rag", method="base"), {"rag": "correct", "base": "wrong"}, False),
    ],
)
def test_what_passes(
    graded: Callable[..., list[GradedAnswer]], chosen: Filter, grades: dict[str, str], shown: bool
) -> None:
    assert chosen.passes(graded(**grades)) is shown


def test_to_a_question_without_an_answer_unknown_is_right(graded: Callable[..., list[GradedAnswer]]) -> None:
    rows = graded(NOWHERE, rag="abstained", base="wrong")
    assert not Filter(FAILURES, "rag").passes(rows)
    assert Filter(FAILURES, "base").passes(rows)
    assert Filter(ONLY, "rag").passes(rows)
    assert Filter(outcome="made up", method="base").passes(rows)
    assert Filter(outcome="rightly unknown", method="rag").passes(rows)
    assert not Filter(outcome="wrong").passes(rows), "wrong is said of questions that have an answer"


def test_tags_and_stars(graded: Callable[..., list[GradedAnswer]]) -> None:
    rows = graded(rag="correct")
    assert not Filter(tag=STARRED).passes(rows, Note(question_id="q", tags=("odd",)))
    assert Filter(tag=STARRED).passes(rows, Note(question_id="q", starred=True))
    assert Filter(tag="odd").passes(rows, Note(question_id="q", tags=("odd",)))
    assert not Filter(tag="odd").passes(rows)
