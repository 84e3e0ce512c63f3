"""Each wrong answer has the cause that a person would name."""

from collections.abc import Callable
from typing import Any

import pytest

from data.prompt import Passage
from data.schema import Question
from evaluation.analysis.causes import Cause, Supply, cause_of, decomposition

FACT = Question(id="q", question="?", answers=("x",), document_ids=("gold.md",), fact_id="f")
NOWHERE = Question(id="q", question="?", answers=())


@pytest.mark.parametrize(
    ("method", "question", "score", "given", "facts", "expected"),
    [
        ("rag", FACT, {"grade": "correct"}, True, {"f"}, None),
        ("rag", FACT, {"grade": "unscored"}, True, {"f"}, None),
        ("rag", FACT, {"grade": "wrong"}, False, {"f"}, Cause.NOT_RETRIEVED),
        ("lora+rag", FACT, {"grade": "abstained"}, False, {"f"}, Cause.NOT_RETRIEVED),
        ("rag", FACT, {"grade": "wrong"}, True, {"f"}, Cause.GIVEN_NOT_USED),
        ("rag", FACT, {"grade": "abstained"}, True, {"f"}, Cause.REFUSED_ANSWERABLE),
        ("rag", FACT, {"grade": "wrong"}, None, {"f"}, Cause.UNKNOWN),
        ("inject", FACT, {"grade": "wrong"}, False, {"f"}, Cause.NOT_IN_WINDOW),
        ("inject", FACT, {"grade": "wrong"}, True, {"f"}, Cause.GIVEN_NOT_USED),
        ("lora", FACT, {"grade": "wrong"}, False, {"g"}, Cause.NEVER_TRAINED),
        ("lora", FACT, {"grade": "wrong"}, False, {"f"}, Cause.TRAINED_BUT_LOST),
        ("lora", FACT, {"grade": "wrong"}, False, None, Cause.TRAINED_BUT_LOST),
        ("base", FACT, {"grade": "wrong"}, False, {"f"}, Cause.NOT_KNOWN),
        ("rag", NOWHERE, {"grade": "wrong"}, None, {"f"}, Cause.ANSWERED_UNANSWERABLE),
        ("rag", NOWHERE, {"grade": "abstained"}, None, {"f"}, None),
        ("lora", FACT, {"grade": "wrong", "stale": True}, False, {"f"}, Cause.STALE_VALUE),
        ("rag", FACT, {"grade": "wrong", "stale": False}, True, {"f"}, Cause.GIVEN_NOT_USED),
        ("rag", FACT, {"grade": "correct", "form": False}, True, {"f"}, Cause.WRONG_FORM),
        ("rag", FACT, {"grade": "wrong", "form": False}, True, {"f"}, Cause.GIVEN_NOT_USED),
        ("rag", FACT, {"grade": "correct", "form": True}, True, {"f"}, None),
    ],
)
def test_cause(
    make_answer: Callable[..., Any], method: str, question: Question, score: dict[str, Any], given: bool | None,
    facts: set[str] | None, expected: Cause | None,
) -> None:  # fmt: skip
    assert cause_of(question, make_answer(method=method), score, given, facts) is expected


def _chunk(name: str, text: str) -> Passage:
    return Passage(name.partition("#")[0], name, "", text)


CHUNKS = [_chunk("a.md#0", "Other words."), _chunk("a.md#1", "The flag is red."), _chunk("b.md#0", "It is small."),
          _chunk("a.md#all", "Other words. The flag is red.")]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "names", "evidence", "documents", "expected"),
    [
        ("rag", ["a.md#1"], ["The flag is red."], ["a.md"], True),
        ("rag", ["a.md#0"], ["The flag is red."], ["a.md"], False),
        ("rag", ["a.md#0"], [], ["a.md"], True),
        ("rag", ["b.md#0"], [], ["a.md"], False),
        ("inject", ["a.md#all"], ["The flag is red."], ["a.md"], True),
        ("inject", [], ["The flag is red."], ["a.md"], False),
        ("rag", ["a.md#1"], [], [], None),
    ],
)
def test_the_passage_that_holds_the_answer_counts_as_given(
    make_answer: Callable[..., Any], method: str, names: list[str], evidence: list[str], documents: list[str],
    expected: bool | None,
) -> None:  # fmt: skip
    question = Question(id="q", question="?", answers=("red",), document_ids=documents, evidence=evidence)
    contexts = [{"document_id": name.partition("#")[0], "chunk_id": name, "score": None} for name in names]
    assert Supply(CHUNKS).given(question, make_answer(method=method, contexts=contexts)) is expected


def test_a_question_over_two_documents_needs_both(make_answer: Callable[..., Any]) -> None:
    fields: dict[str, Any] = {"id": "q", "question": "?", "answers": ("x",), "category": "multi_hop"}
    question = Question(**fields, document_ids=("a.md", "b.md"), evidence=("The flag is red.", "It is small."))

    def given(*names: str) -> bool | None:
        contexts = [{"document_id": name.partition("#")[0], "chunk_id": name, "score": None} for name in names]
        return Supply(CHUNKS).given(question, make_answer(contexts=contexts))

    assert given("a.md#1", "b.md#0") is True
    assert given("a.md#1") is False


def test_accuracy_is_recall_times_use_plus_misses_times_luck() -> None:
    """Of 10: 6 given, 3 of them right; 4 not given, 1 of them right."""
    rows = [(True, True)] * 3 + [(True, False)] * 3 + [(False, True)] + [(False, False)] * 3
    split = decomposition(rows)
    assert dict(split or ()) == {
        "n": 10, "hits": 6, "recall": 0.6, "use_given_hit": 0.5, "luck_given_miss": 0.25, "accuracy": 0.4,
    }, "0.6 · 0.5 + 0.4 · 0.25 = 0.4"  # fmt: skip
    assert decomposition([]) is None
    always = decomposition([(True, True)])
    assert always is not None
    assert always.luck_given_miss is None, "a share of nothing is no 0"
