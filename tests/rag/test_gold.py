"""The oracle gets the passage with the evidence, and nothing else."""

from typing import Any

from data.progress import silent
from data.schema import Domain
from rag.gold import GoldPassage


def test_the_passage_holds_the_evidence(domain: Domain, tiny_model: Any) -> None:
    gold = GoldPassage(chunk_tokens=60)
    gold.prepare(domain, tiny_model, silent)
    questions = [question for question in domain.split("test") if question.answerable]
    for question, context in zip(questions, gold.contexts(questions), strict=True):
        assert {passage.document_id for passage in context.passages} == set(question.document_ids)
        assert any(question.answers[0] in passage.text for passage in context.passages)
