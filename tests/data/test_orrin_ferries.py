"""The sample domain is consistent: what its questions say of its documents is true."""

from collections import Counter
from pathlib import Path

import pytest

from data.leaks import entity_names, find_leaks, masked, normalised
from data.load import load_domain
from data.schema import Category, Domain, Question
from data.sentences import sentences
from evaluation.grading.rules import GradeName, grade, has_form


@pytest.fixture(scope="module")
def ferries() -> Domain:
    return load_domain(Path(__file__).parents[2] / "data" / "orrin_ferries")


def of(domain: Domain, category: Category, split: str = "test") -> list[Question]:
    return [q for q in domain.questions if q.category is category and q.split == split]


def facts(questions: list[Question]) -> set[str]:
    return {question.fact_id for question in questions}


def test_every_category_has_its_count(ferries: Domain) -> None:
    assert len(ferries.documents) >= 40
    assert len(facts([*of(ferries, Category.PARAPHRASED), *of(ferries, Category.HELD_OUT)])) >= 200
    assert len(facts(of(ferries, Category.TRAINED, "train"))) >= 130
    assert len(facts(of(ferries, Category.PARAPHRASED))) >= 130
    assert len(facts(of(ferries, Category.HELD_OUT))) >= 70
    assert len(facts(of(ferries, Category.REVERSED))) >= 60
    assert len(facts(of(ferries, Category.STYLE))) == 60
    assert len({update.fact_id for update in ferries.updates}) >= 55
    unanswerable = of(ferries, Category.UNANSWERABLE)
    assert Counter(q.meta["kind"] for q in unanswerable) == {"near": 30, "far": 30}


def test_every_trained_fact_has_its_wordings(ferries: Domain) -> None:
    wordings = Counter((q.fact_id, q.split) for q in ferries.questions if q.category not in ("style", "reversed"))
    for fact in ferries.trained_facts:
        assert wordings[fact, "train"] >= 4
        assert wordings[fact, "dev"] >= 1
        assert wordings[fact, "test"] >= 2


def test_held_out_facts_are_never_trained(ferries: Domain) -> None:
    assert facts(of(ferries, Category.HELD_OUT)).isdisjoint(ferries.trained_facts)


def test_half_of_the_multi_hop_questions_are_over_trained_facts(ferries: Domain) -> None:
    hops = of(ferries, Category.MULTI_HOP)
    known = facts(list(ferries.questions))
    assert len(hops) == 60
    assert sum(question.covered_by(ferries.trained_facts) for question in hops) == 30
    for question in hops:
        assert len(set(question.document_ids)) == len(question.needs) == len(question.evidence) == 2
        assert set(question.needs) <= known
        assert set(question.needs) <= ferries.trained_facts or not set(question.needs) & ferries.trained_facts


def test_the_question_does_not_name_the_fact_between_its_two_documents(ferries: Domain) -> None:
    answers = {q.fact_id: q.answers for q in ferries.questions if q.category in ("paraphrased", "held_out")}
    for question in of(ferries, Category.MULTI_HOP):
        for form in answers[question.needs[0]]:
            assert normalised(form) not in normalised(question.question), question.id


def test_half_of_the_style_facts_have_styled_training(ferries: Domain) -> None:
    styled = facts(of(ferries, Category.STYLE, "train"))
    assert len(styled) == 30
    assert styled < facts(of(ferries, Category.STYLE)) <= ferries.trained_facts
    for question in [*of(ferries, Category.STYLE), *of(ferries, Category.STYLE, "train")]:
        assert has_form(ferries.settings.style["pattern"], question.reference_style), question.id
        assert grade(question, question.reference_style).grade is GradeName.CORRECT, question.id
        assert not has_form(ferries.settings.style["pattern"], question.answers[0])


def test_evidence_stands_in_its_document_and_the_answer_in_its_evidence(ferries: Domain) -> None:
    texts = {document.id: document.text for document in ferries.documents}
    for question in ferries.questions:
        if not question.answerable:
            continue
        for quote, name in zip(question.evidence, question.document_ids, strict=True):
            assert quote in texts[name], question.id
        assert question.answers[0].lower() in question.evidence[-1].lower(), question.id
        assert len(question.distractors) >= 3, question.id
        assert not set(question.answers) & set(question.distractors), question.id


def test_a_fact_has_one_answer_and_one_place(ferries: Domain) -> None:
    answers: dict[tuple[str, bool], tuple[object, ...]] = {}
    for question in ferries.questions:
        key = question.fact_id, question.category is Category.REVERSED
        stated = question.answers, question.evidence
        assert answers.setdefault(key, stated) == stated, question.id
    everything = "\n".join(document.text for document in ferries.documents)
    for question in ferries.questions:
        for quote in question.evidence:
            assert everything.count(quote) == 1, question.id


def test_no_wording_asks_for_two_facts(ferries: Domain) -> None:
    owner: dict[str, str] = {}
    for question in ferries.questions:
        assert owner.setdefault(normalised(question.question), question.fact_id) == question.fact_id, question.id


def test_updates_change_the_answer_and_nothing_else(ferries: Domain) -> None:
    changed = ferries.updated()
    everything = " ".join(normalised(document.text) for document in ferries.documents)
    for update in ferries.updates:
        assert update.answers[0] in update.new
        assert update.stale_answers[0].lower() in update.old.lower()
        assert update.new in changed.document(update.document_id).text
        assert f" {normalised(update.new)} " not in f" {everything} "
    asked = ferries.updated_questions()
    assert facts(asked) == {update.fact_id for update in ferries.updates} <= ferries.trained_facts
    for question in asked:
        assert grade(question, question.stale_answers[0]).grade is GradeName.WRONG, question.id
        assert grade(question, question.answers[0]).grade is GradeName.CORRECT, question.id


def test_no_test_wording_was_trained(ferries: Domain) -> None:
    for split in ("test", "dev"):
        assert find_leaks(ferries.split("train"), ferries.split(split), ferries.documents) == []


def test_documents_are_prose_and_not_filled_in_templates(ferries: Domain) -> None:
    """At most one sentence in ten has the same masked form as another."""
    names = entity_names(ferries.documents)
    prose = [s for document in ferries.documents for s in sentences(document.text) if len(s.split()) > 3]
    forms = Counter(masked(sentence, names) for sentence in prose)
    assert sum(n for n in forms.values() if n > 1) <= len(prose) / 10


def test_the_datasheet_says_how_much_there_is(ferries: Domain) -> None:
    sheet = (ferries.folder / "README.md").read_text(encoding="utf-8")
    assert f"| documents | {len(ferries.documents)}:" in sheet
    assert f"| questions | {len(ferries.questions):,}:" in sheet
    stated = facts([question for question in ferries.questions if question.answerable and not question.needs])
    assert f"| facts | {len(stated)}:" in sheet
