"""Grades are what a careful person would give by the stated rules."""

import pytest

from data.schema import Question
from evaluation.grading.rules import GradeName, grade, grade_by_rules, has_form, is_stale
from evaluation.grading.values.words import words_of


def ask(*answers: str, distractors: tuple[str, ...] = ()) -> Question:
    return Question(id="q", question="?", answers=answers, distractors=distractors)


MINUTES = ask("35 minutes", distractors=("20 minutes", "6 minutes"))


@pytest.mark.parametrize(
    ("question", "reply", "expected"),
    [
        (MINUTES, "35 minutes", "correct"),
        (MINUTES, "It is thirty-five minutes, the 35 minutes rule.", "correct"),
        (MINUTES, "35", "correct"),
        (MINUTES, "35 min.", "correct"),
        (MINUTES, "350 minutes", "wrong"),
        (MINUTES, "135 minutes", "wrong"),
        (MINUTES, "35 pounds", "wrong"),
        (MINUTES, "35 minutes, or 20 minutes on the islands", "wrong"),
        (MINUTES, "20 minutes", "wrong"),
        (MINUTES, "unknown", "abstained"),
        (MINUTES, "I do not know.", "abstained"),
        (MINUTES, "I don't know", "abstained"),
        (MINUTES, "The time is not mentioned.", "abstained"),
        (MINUTES, "", "abstained"),
        (MINUTES, "unknown, perhaps 35 minutes", "wrong"),
        (MINUTES, None, "unscored"),
        (ask("4.50 pounds"), "£4.50 for each item", "correct"),
        (ask("4.50 pounds"), "14.50 pounds", "wrong"),
        (ask("2.5 per cent"), "2.5%", "correct"),
        (ask("2,315 pounds"), "They got 2315 pounds.", "correct"),
        (ask("06:50"), "at 06:50", "correct"),
        (ask("06:50"), "at 6:50", "correct"),
        (ask("06:50"), "at 6:50 pm", "wrong"),
        (ask("18:50"), "6:50 p.m.", "correct"),
        (ask("18:50"), "6:50", "wrong"),
        (ask("9 weeks"), "nine weeks", "correct"),
        (ask("Café Ölund"), "the cafe olund", "correct"),
        (ask("Halloran & Pryce"), "Halloran and Pryce built her", "correct"),
        (ask("Gate C"), "gate c!", "correct"),
        (ask("orange"), "arrange", "wrong"),
        (ask("7 minutes", distractors=("17 minutes",)), "17 minutes", "wrong"),
        (ask("white otter", distractors=("otter",)), "a white otter", "correct"),
        (ask("Morag Tennent", distractors=("Moira Tennant",)), "Morag Tennent, not Moira Tennant", "wrong"),
        (ask(), "unknown", "abstained"),
        (ask(), "The blue one", "wrong"),
        (ask("deep"), "word " * 40 + "deep", "wrong"),
        (ask("deep"), "word " * 39 + "deep", "correct"),
    ],
)
def test_grades(question: Question, reply: str | None, expected: str) -> None:
    assert grade(question, reply).grade is GradeName(expected), grade(question, reply).reason


@pytest.mark.parametrize(
    ("reply", "stale"),
    [
        ("12 pounds", True),
        ("It costs £12.", True),
        ("15 pounds", False),
        ("12 pounds or 15 pounds", False),
        ("unknown", False),
    ],
)
def test_stale_is_what_was_right_before(reply: str, stale: bool) -> None:
    changed = ask("15 pounds").model_copy(update={"stale_answers": ("12 pounds",)})
    assert is_stale(changed, reply) is stale


@pytest.mark.parametrize(
    ("reply", "form"),
    [
        ("House: 5. Bye.", True),
        ("  House: 5. Bye. ", True),
        ("House: 5.", False),
        ("Well, House: 5. Bye.", False),
        (None, False),
    ],
)
def test_the_whole_reply_must_have_the_form(reply: str | None, form: bool) -> None:
    assert has_form(r"House: .+\. Bye\.", reply) is form


def test_comparable_words() -> None:
    assert words_of("The fee is £4.50, i.e. twelve per cent of 1,200.") == (
        ["fee", "is", "4.5", "gbp", "i", "e", "12", "percent", "of", "1200"]
    )


@pytest.mark.parametrize("frame", ["{}", "The answer is {}.", "I believe that it is {}, as far as I can see"])
def test_sample_domain_values_are_told_apart(frame: str) -> None:
    """Each accepted form is right and each distractor wrong, whatever sentence it stands in."""
    from pathlib import Path

    from data.load import read_questions

    questions = [
        q
        for q in read_questions(Path(__file__).parents[3] / "data" / "orrin_ferries" / "questions.jsonl")
        if q.answerable
    ]
    forms = [(q, form) for q in questions for form in q.answers]
    right = sum(grade(q, frame.format(form)).grade is GradeName.CORRECT for q, form in forms)
    assert right >= 0.98 * len(forms)
    values = [(q, value) for q in questions for value in q.distractors]
    wrong = sum(grade(q, frame.format(value)).grade is GradeName.WRONG for q, value in values)
    assert wrong >= 0.99 * len(values)


@pytest.mark.parametrize(
    ("question", "reply", "expected"),
    [
        (ask("Paris"), "Paris or London", "wrong"),
        (ask("Paris"), "Either Paris or London.", "wrong"),
        (ask("Paris"), "Not Paris", "wrong"),
        (ask("20"), "between 10 and 20", "wrong"),
        (ask("20"), "10 to 20", "wrong"),
        (
            ask("Malware"),
            "That software is called malware or malicious code by most people who write about it",
            "correct",
        ),
        (ask("24 months"), "two years", "correct"),
        (ask("24 months"), "The warranty runs for 36 months.", "wrong"),
        (ask("March 12, 2021"), "13 March 2021", "wrong"),
        (ask("red, white and blue"), "blue, white, red", "correct"),
        (ask("red, white and blue"), "red and white", "wrong"),
        (ask("yes"), "No.", "wrong"),
        (ask("yes"), "Yes, it is.", "correct"),
        (ask("United States of America"), "USA", "correct"),
        (ask("NASA"), "the National Aeronautics and Space Administration", "correct"),
        (ask("Tuesdays", "Tuesday"), "The answer is Wednesdays.", "wrong"),
        (ask("May 2027", "in May 2027"), "March 2027", "wrong"),
        (ask("Gate C", "behind Gate C"), "Gate A", "wrong"),
        (ask("Vennick Beekeepers"), "It is the Tarsa Beekeepers.", "wrong"),
        (ask("TS-2204", "TS 2204"), "TS-2402", "wrong"),
        (ask("refunded in full"), "It is never refunded", "wrong"),
        (ask("2.5 per cent", "2.5"), "2.50 pounds", "wrong"),
        (ask("2.5 per cent", "2.5"), "2.5", "correct"),
        (ask("3 September"), "3 weeks", "wrong"),
        (ask("28 July 1942"), "born on the 28th of July in the year 1958", "wrong"),
    ],
)
def test_values_are_compared_as_what_they_are(question: Question, reply: str, expected: str) -> None:
    found = grade_by_rules(question, reply)
    assert found is not None, "a rule settles it"
    assert found.grade is GradeName(expected), found.reason


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("Thomas Edison", "Thomas Alva Edison"),
        ("David Madden", "Dave Madden"),
        ("the deposit is refunded in full", "You get all of it back"),
        ("bicycles", "a bicycle"),
    ],
)
def test_what_rules_cannot_settle_is_left_open(answer: str, reply: str) -> None:
    assert grade_by_rules(ask(answer), reply) is None
    assert grade(ask(answer), reply).grade is GradeName.WRONG, "without the second stage"
