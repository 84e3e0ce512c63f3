"""Each wrong answer has the cause that a person would name."""

from collections.abc import Callable
from typing import Any

import pytest

from data.schema import Category, Question
from evaluation.causes import Cause, cause_of
from evaluation.grade import GradeName

QUESTION = Question(id="q", question="?", answers=("x",), document_ids=("gold.md",), fact_id="f")


@pytest.mark.parametrize(
    ("category", "given", "grade", "facts", "expected"),
    [
        (
            Category.HELD_OUT,
            (
                "rag",
                "gold.md",
            ),
            GradeName.CORRECT,
            {"f"},
            None,
        ),
        (
            Category.HELD_OUT,
            (
                "rag",
                "gold.md",
            ),
            GradeName.UNSCORED,
            {"f"},
            None,
        ),
        (
            Category.HELD_OUT,
            (
                "rag",
                "other.md",
            ),
            GradeName.WRONG,
            {"f"},
            Cause.NOT_RETRIEVED,
        ),
        (
            Category.HELD_OUT,
            (
                "lora+rag",
                "other.md",
            ),
            GradeName.ABSTAINED,
            {"f"},
            Cause.NOT_RETRIEVED,
        ),
        (
            Category.HELD_OUT,
            (
                "rag",
                "other.md",
                "gold.md",
            ),
            GradeName.WRONG,
            {"f"},
            Cause.GIVEN_NOT_USED,
        ),
        (
            Category.HELD_OUT,
            (
                "rag",
                "gold.md",
            ),
            GradeName.ABSTAINED,
            {"f"},
            Cause.REFUSED_ANSWERABLE,
        ),
        (
            Category.HELD_OUT,
            (
                "inject",
                "other.md",
            ),
            GradeName.WRONG,
            {"f"},
            Cause.NOT_IN_WINDOW,
        ),
        (
            Category.HELD_OUT,
            (
                "inject",
                "gold.md",
            ),
            GradeName.WRONG,
            {"f"},
            Cause.GIVEN_NOT_USED,
        ),
        (Category.HELD_OUT, ("lora",), GradeName.WRONG, {"g"}, Cause.NEVER_TRAINED),
        (Category.PARAPHRASED, ("lora",), GradeName.WRONG, {"f"}, Cause.TRAINED_BUT_LOST),
        (Category.PARAPHRASED, ("lora",), GradeName.WRONG, None, Cause.TRAINED_BUT_LOST),
        (Category.HELD_OUT, ("base",), GradeName.WRONG, {"f"}, Cause.NOT_KNOWN),
        (Category.UNANSWERABLE, ("rag",), GradeName.WRONG, {"f"}, Cause.ANSWERED_UNANSWERABLE),
        (Category.UNANSWERABLE, ("rag",), GradeName.ABSTAINED, {"f"}, None),
    ],
)
def test_cause(
    make_answer: Callable[..., Any],
    category: Category,
    given: tuple[str, ...],
    grade: GradeName,
    facts: set[str] | None,
    expected: Cause | None,
) -> None:
    method, *documents = given
    contexts = [{"document_id": name, "chunk_id": name, "score": None} for name in documents]
    answer = make_answer(method=method, contexts=contexts)
    assert cause_of(QUESTION, category, answer, grade, facts) is expected
