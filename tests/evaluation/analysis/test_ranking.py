"""Retrieval metrics against values worked out by hand."""

from math import log2

import pytest

from data.prompt import Passage
from data.schema import Question
from evaluation.analysis.ranking import retrieval_metrics
from evaluation.run.relevance import relevance

CHUNKS = [
    Passage("d", "d#0", "", "The flag is blue."),
    Passage("d", "d#1", "", "Other."),
    Passage("e", "e#0", "", "More."),
]


def ask(**fields: object) -> Question:
    return Question.model_validate({"id": "q", "question": "?", "answers": ["blue"], "document_ids": ["d"], **fields})


def test_gold_is_the_passage_with_the_evidence() -> None:
    ranked = (CHUNKS[2], CHUNKS[1], CHUNKS[0])
    assert relevance(ask(evidence="flag is blue"), ranked, CHUNKS) == {
        "question_id": "q",
        "category": "None",
        "gold": 1,
        "hits": [False, False, True],
        "ranks": [3],
    }


def test_without_evidence_every_passage_of_the_document_is_gold() -> None:
    assert relevance(ask(), (CHUNKS[2], CHUNKS[1]), CHUNKS) == {
        "question_id": "q",
        "category": "None",
        "gold": 2,
        "hits": [False, True],
        "ranks": [2],
    }


def test_a_question_over_two_documents_needs_a_passage_of_each() -> None:
    hop = ask(category="multi_hop", document_ids=["d", "e"], evidence=["flag is blue", "More."])
    row = relevance(hop, (CHUNKS[1], CHUNKS[2], CHUNKS[0]), CHUNKS)
    assert row is not None
    assert row["ranks"] == [3, 2]
    only_one = relevance(hop, (CHUNKS[0], CHUNKS[1]), CHUNKS)
    assert only_one is not None
    assert only_one["ranks"] == [1, None]
    found = retrieval_metrics([row, only_one])
    assert found is not None
    assert (found.recall_at_1, found.recall_at_3) == (0, 0.5)
    assert (found.multi_hop.one_at_1, found.multi_hop.both_at_3, found.multi_hop.n) == (0.5, 0.5, 2)


def test_what_names_no_document_is_not_judged() -> None:
    assert relevance(ask(document_ids=[]), CHUNKS, CHUNKS) is None
    assert relevance(ask(answers=[]), CHUNKS, CHUNKS) is None
    assert retrieval_metrics([]) is None


def test_metrics() -> None:
    rows = [
        {"category": "held_out", "gold": 1, "hits": [True, False, False, False], "ranks": [1]},
        {"category": "held_out", "gold": 1, "hits": [False, False, True, False], "ranks": [3]},
        {"category": "held_out", "gold": 2, "hits": [False, True, False, True], "ranks": [2]},
        {"category": "held_out", "gold": 1, "hits": [False] * 4, "ranks": [None]},
    ]
    found = retrieval_metrics(rows)
    assert found is not None
    assert (found.n, found.recall_at_1, found.recall_at_3, found.recall_at_5) == (4, 0.25, 0.75, 0.75)
    assert found.mrr == pytest.approx((1 + 1 / 3 + 1 / 2 + 0) / 4)
    third = (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3))
    assert found.ndcg_at_10 == pytest.approx((1 + 1 / log2(4) + third + 0) / 4)
