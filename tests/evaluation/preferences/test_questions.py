"""What is ranked is not what is measured."""

from data.schema import Category, Domain, Question
from evaluation.preferences.questions import held_out, to_rank
from evaluation.preferences.rankings import Ranking


def said(question: Question) -> Ranking:
    return Ranking(question_id=question.id, question=question.question, answers=("a", "b"), ranks=(1, 2), by="ann")


def only_tests_of(domain: Domain) -> Domain:
    questions = tuple(question for question in domain.questions if question.split == "test")
    return domain.model_copy(update={"questions": questions})


def test_training_and_dev_questions_are_ranked_first_one_of_each_fact(domain: Domain) -> None:
    chosen = to_rank(domain, 0)
    facts = {question.fact_id for question in chosen}
    assert {question.split for question in chosen} <= {"train", "dev"}
    assert {question.fact_id for question in chosen[: len(facts)]} == facts
    assert to_rank(domain, 0) == chosen != to_rank(domain, 1)
    assert not {domain.category(question) for question in chosen} & {Category.STYLE, Category.REVERSED}


def test_a_domain_with_test_questions_only_gives_half_of_its_facts(domain: Domain) -> None:
    alone = only_tests_of(domain)
    chosen = to_rank(alone, 0)
    left = held_out(alone, [said(question) for question in chosen], None, 0)
    assert chosen
    assert left
    assert not {question.fact_id for question in chosen} & {question.fact_id for question in left}


def test_a_question_that_was_ranked_is_not_measured_nor_is_another_about_its_fact(domain: Domain) -> None:
    first = domain.split("test")[0]
    left = held_out(domain, [said(first)], None, 0)
    assert first.fact_id not in {question.fact_id for question in left}
    assert len(left) < len(held_out(domain, [], None, 0))


def test_a_limit_draws_by_seed(domain: Domain) -> None:
    assert len(held_out(domain, [], 3, 0)) == 3
    assert held_out(domain, [], 3, 0) == held_out(domain, [], 3, 0)
