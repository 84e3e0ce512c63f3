"""Retrieval metrics against values worked out by hand."""

from math import log2

import pytest

from data.prompt import Passage
from data.schema import Question
from evaluation.retrieval import relevance, retrieval_metrics
from rag.context import Context

CHUNKS = [
    Passage("d", "d#0", "", "The flag is blue."),
    Passage("d", "d#1", "", "Other."),
    Passage("e", "e#0", "", "More."),
]


def ask(**fields: object) -> Question:
    return Question.model_validate({"id": "q", "question": "?", "answers": ["blue"], "document_ids": ["d"], **fields})


def test_gold_is_the_passage_with_the_evidence() -> None:
    ranked = Context((CHUNKS[2], CHUNKS[1], CHUNKS[0]))
    assert relevance(ask(evidence="flag is blue"), ranked, CHUNKS) == {
        "question_id": "q",
        "gold": 1,
        "hits": [False, False, True],
    }


def test_without_evidence_every_passage_of_the_document_is_gold() -> None:
    assert relevance(ask(), Context((CHUNKS[2], CHUNKS[1])), CHUNKS) == {
        "question_id": "q",
        "gold": 2,
        "hits": [False, True],
    }


def test_what_names_no_document_is_not_judged() -> None:
    assert relevance(ask(document_ids=[]), Context(tuple(CHUNKS)), CHUNKS) is None
    assert relevance(ask(answers=[]), Context(tuple(CHUNKS)), CHUNKS) is None
    assert retrieval_metrics([]) is None


def test_metrics() -> None:
    rows = [
        {"gold": 1, "hits": [True, False, False, False]},
        {"gold": 1, "hits": [False, False, True, False]},
        {"gold": 2, "hits": [False, True, False, True]},
        {"gold": 1, "hits": [False] * 4},
    ]
    found = retrieval_metrics(rows)
    assert found is not None
    assert (found["n"], found["recall_at_1"], found["recall_at_3"], found["recall_at_5"]) == (4, 0.25, 0.75, 0.75)
    assert found["mrr"] == pytest.approx((1 + 1 / 3 + 1 / 2 + 0) / 4)
    third = (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3))
    assert found["ndcg_at_10"] == pytest.approx((1 + 1 / log2(4) + third + 0) / 4)
