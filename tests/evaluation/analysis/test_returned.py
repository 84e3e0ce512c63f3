"""Passages that a contestant returned, judged by hand."""

from typing import Any

import pytest

from data.prompt import Passage
from data.schema import Question
from evaluation.analysis.ranking import retrieval_metrics
from evaluation.analysis.returned import judged

EVIDENCE = "The flag of Harbour0 shows an otter."


def passage(document: str, text: str) -> Passage:
    return Passage(document, f"own:mine#{text}", document, text)


def question(**fields: Any) -> Question:
    return Question.model_validate({"id": "q", "question": "Which animal?", "answers": ["otter"], **fields})


def test_evidence_is_found_word_by_word_whatever_the_passage_is_called() -> None:
    asked = question(document_ids=("a.md",), evidence=EVIDENCE)
    found = judged(asked, [passage("a.md", "Boats."), passage("?", f"So:\n* {EVIDENCE.replace(' ', '  ')} Bye.")])
    assert found is not None
    assert (found["hits"], found["ranks"], found["gold"]) == ([False, True], [2], 1)
    other = judged(asked, [passage("a.md", EVIDENCE.replace("Harbour0", "Harbour01"))])
    assert other is not None
    assert other["ranks"] == [None], "a near sentence about another thing is none"


def test_without_evidence_the_document_counts() -> None:
    found = judged(question(document_ids=("a.md",)), [passage("b.md", "otter"), passage("a.md", "x")])
    assert found is not None
    assert found["ranks"] == [2]
    assert judged(question(), [passage("a.md", "otter")]) is None, "the domain does not say what is needed"
    assert judged(question(answers=(), document_ids=("a.md",)), []) is None


def test_a_question_over_two_documents_needs_both() -> None:
    asked = question(category="multi_hop", document_ids=("a.md", "b.md"), evidence=("One is red.", "Two is blue."))
    found = judged(asked, [passage("b.md", "Two is blue."), passage("b.md", "Two is green."),
                           passage("a.md", "One is red.")])  # fmt: skip
    assert found is not None
    assert (found["ranks"], found["hits"]) == ([3, 1], [True, False, True])
    metrics = retrieval_metrics([found])
    assert metrics is not None
    assert (metrics.recall_at_1, metrics.recall_at_3, metrics.mrr) == (0.0, 1.0, 1.0)
    # Gains at ranks 1 and 3 of two that there are: (1 + 1/2) / (1 + 1/log2(3)).
    assert metrics.ndcg_at_10 == pytest.approx(1.5 / 1.63093, abs=1e-5)


def test_overlapping_passages_do_not_make_more_than_all() -> None:
    asked = question(document_ids=("a.md",), evidence=EVIDENCE)
    found = judged(asked, [passage("a.md", EVIDENCE), passage("a.md", f"{EVIDENCE} Twice.")])
    assert found is not None
    metrics = retrieval_metrics([found])
    assert metrics is not None
    assert metrics.ndcg_at_10 == pytest.approx(1.0)
