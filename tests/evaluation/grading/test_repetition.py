"""A reply that only repeats its question is not right by what the question says."""

import pytest

from data.schema import Question
from evaluation.grading.repetition import beyond_the_question, says_its_answer
from evaluation.grading.rules import GradeName, grade, grade_by_rules


def asked(text: str, *answers: str) -> Question:
    return Question(id="q", question=text, answers=answers or ("otter",))


CHOICE = "Is the animal on the flag the otter or the heron?"


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        (CHOICE, False), (CHOICE.lower(), False), ("the otter or the heron", False), ("Otter or the heron?", False),
        ("It is the otter or the heron.", False), ("otter", True), ("the otter", True), ("It is the otter.", True),
        (f"{CHOICE} The otter.", True), ("The animal on the flag is the otter.", True), ("the heron", False),
        (f"{CHOICE} The heron.", False),
    ],
)  # fmt: skip
def test_a_choice(reply: str, right: bool) -> None:
    assert (grade(asked(CHOICE), reply).grade is GradeName.CORRECT) is right


def test_a_question_that_does_not_say_its_answer_is_left_alone() -> None:
    reply = "Which animal is on the flag? The otter."
    assert beyond_the_question(asked("Which animal is on the flag?"), reply) == reply


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Is the fare five pounds or six?", "5 pounds", True), ("Was it in 1,200 or in 1,300?", "1200", True),
        ("Is it 90 minutes or two hours?", "1.5 hours", True), ("Is it the Otter, or a heron?", "an otter", True),
        ("Is the fare five pounds or six?", "7 pounds", False), ("Which otters swim?", "none of them", False),
    ],
)  # fmt: skip
def test_a_choice_in_another_spelling(question: str, answer: str, said: bool) -> None:
    assert says_its_answer(asked(question, answer)) is said
    if said:
        assert grade(asked(question, answer), question).grade is GradeName.WRONG


def test_german() -> None:
    question = asked("Ist es der Otter oder der Reiher?", "Otter")
    assert grade(question, "der Otter oder der Reiher", language="de").grade is GradeName.WRONG
    assert grade(question, "der Otter", language="de").grade is GradeName.CORRECT


def test_the_accepted_form_inflected_is_something_new() -> None:
    """People call "the cell" right for "cells", so no rule may call it wrong because the question has the word."""
    question = Question(id="q", question="Which cell is the unit of life, by the cell theory?", answers=("cells",))
    assert grade_by_rules(question, "The cell is the unit of life.") is None
    assert grade_by_rules(question, "The unit of life is by the theory.") is not None
