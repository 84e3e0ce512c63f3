"""A threshold of refusing from dev questions of both kinds."""

from typing import Any

import pytest

from data.schema import Question
from evaluation.run.threshold import LEAST, MOST, NEVER, Tried, as_details, best, curve_of, dev_questions, tried_out
from model.sampling import Sampling


def question(name: str, *answers: str) -> Question:
    return Question(id=name, question=f"{name}?", answers=answers, split="dev")


def questions(answerable: int, others: int) -> list[Question]:
    return [question(f"a{n}", "x") for n in range(answerable)] + [question(f"u{n}") for n in range(others)]


@pytest.mark.parametrize(("answerable", "others"), [(200, 0), (200, LEAST - 1), (LEAST - 1, 200), (0, 0)])
def test_too_few_of_one_kind_set_no_threshold(answerable: int, others: int) -> None:
    assert dev_questions(questions(answerable, others), 0) == []


def test_both_kinds_are_drawn_by_seed() -> None:
    many = questions(200, LEAST)
    drawn = dev_questions(many, 0)
    assert sum(q.answerable for q in drawn) == MOST
    assert sum(not q.answerable for q in drawn) == LEAST
    assert drawn == dev_questions(many, 0) != dev_questions(many, 1)


def test_the_curve_is_counted() -> None:
    tried = [Tried(True, 0.1, True), Tried(True, 0.42, True), Tried(True, 0.9, False), Tried(False, 0.62, False),
             Tried(False, 0.31, False)]  # fmt: skip
    at = {round(point["above"], 2): point for point in curve_of(tried)}
    assert at[0.4] == {"above": 0.4, "answerable_refused": 2 / 3, "right": 1 / 3, "unanswerable_refused": 0.5}
    assert at[0.6]["right"] == 2 / 3
    assert at[0.6]["unanswerable_refused"] == 0.5
    assert at[1.0] == {"above": 1.0, "answerable_refused": 0.0, "right": 2 / 3, "unanswerable_refused": 0.0}


def test_the_best_threshold_refuses_what_is_wrong_or_unanswerable_and_no_more() -> None:
    tried = [Tried(True, 0.3, True), Tried(True, 0.72, False), Tried(False, 0.66, False)]
    assert best(curve_of(tried)) == pytest.approx(0.65)
    useless = [Tried(True, 0.9, True), Tried(False, 0.1, False)]
    assert best(curve_of(useless)) == NEVER
    assert as_details(tried)["answerable"] == 2


def test_a_method_is_asked_with_nothing_refused(tiny_model: Any) -> None:
    asked = [question("a", "x"), question("u")]
    prompts = [tiny_model.render([{"role": "user", "content": q.question}]) for q in asked]
    found = tried_out(tiny_model, asked, prompts, Sampling(max_new_tokens=3, refuse_above=0.0), [])
    chances = tiny_model.chances(prompts, tiny_model.abstention())
    for point in found["curve"]:
        assert point["answerable_refused"] == float(chances[0] > point["above"])
        assert point["unanswerable_refused"] == float(chances[1] > point["above"])
