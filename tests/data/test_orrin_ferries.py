"""The sample domain is consistent: what its questions say of its documents is true."""

from collections import Counter
from pathlib import Path

import pytest

from data.leaks import entity_names, find_leaks, masked
from data.load import load_domain
from data.schema import Category, Domain


@pytest.fixture(scope="module")
def ferries() -> Domain:
    return load_domain(Path(__file__).parents[2] / "data" / "orrin_ferries")


def test_counts(ferries: Domain) -> None:
    assert len(ferries.documents) >= 16
    assert len(ferries.trained_facts) >= 55
    test = ferries.split("test")
    held_out = {q.fact_id for q in test if ferries.category(q) is Category.HELD_OUT}
    assert len(held_out) >= 55
    unanswerable = [q for q in test if not q.answerable]
    assert len(unanswerable) >= 20
    assert Counter(q.meta["kind"] for q in unanswerable) == {"near": 10, "far": 10}


def test_every_trained_fact_has_its_wordings(ferries: Domain) -> None:
    wordings = Counter((q.fact_id, q.split) for q in ferries.questions)
    for fact in ferries.trained_facts:
        assert wordings[fact, "train"] >= 4
        assert wordings[fact, "dev"] >= 1
        assert wordings[fact, "test"] >= 2


def test_held_out_facts_are_never_trained(ferries: Domain) -> None:
    held_out = {q.fact_id for q in ferries.questions if q.category is Category.HELD_OUT}
    assert held_out.isdisjoint(ferries.trained_facts)


def test_evidence_stands_in_its_document_and_the_answer_in_its_evidence(ferries: Domain) -> None:
    for question in ferries.questions:
        if question.answerable:
            assert question.evidence in ferries.document(question.document_ids[0]).text, question.id
            assert question.answers[0].lower() in question.evidence.lower(), question.id
            assert len(question.distractors) >= 3, question.id


def test_a_fact_has_one_answer(ferries: Domain) -> None:
    answers: dict[str, tuple[str, ...]] = {}
    for question in ferries.questions:
        assert answers.setdefault(question.fact_id, question.answers) == question.answers


def test_no_test_wording_was_trained(ferries: Domain) -> None:
    for split in ("test", "dev"):
        assert find_leaks(ferries.split("train"), ferries.split(split), ferries.documents) == []


def test_documents_are_prose_and_not_filled_in_templates(ferries: Domain) -> None:
    """At most one sentence in ten has the same masked form as another."""
    names = entity_names(ferries.documents)
    sentences = [s for d in ferries.documents for s in d.text.replace("\n", " ").split(". ") if len(s.split()) > 3]
    forms = Counter(masked(sentence, names) for sentence in sentences)
    assert sum(n for n in forms.values() if n > 1) <= len(sentences) / 10
