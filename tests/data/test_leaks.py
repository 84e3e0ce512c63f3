"""A test wording that training saw is found, also under other names."""

import random

import pytest

from data.leaks import entity_names, find_leaks, masked, near_pairs, normalised
from data.schema import Document, Question

HARBOURS = [Document(id="a", title="a", text="We sail from Dunmarrow to Vennick with the Kittewan at 06:50.")]


def question(identity: str, text: str, split: str = "test") -> Question:
    return Question.model_validate({"id": identity, "question": text, "answers": ["x"], "split": split})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When was the Kittewan built?", "when was the _ built"),
        ("Is channel 74 used by Halloran & Pryce?", "is channel _ used by _"),
        ("Kittewan: how long is she?", "kittewan how long is she"),
        ("Form OSF-88 or MKTW7?", "form _ or _"),
    ],
)
def test_masking_hides_names_and_values(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_name_at_the_start_is_hidden_when_the_documents_know_it() -> None:
    assert masked("Kittewan: how long is she?", frozenset({"kittewan"})) == "_ how long is she"


def test_normalised_forgets_case_and_punctuation() -> None:
    assert normalised("How LONG is it?!") == "how long is it"


def test_leaks_are_found_and_named() -> None:
    train = [question("t1", "When does the Kittewan sail?", "train"), question("t2", "Who paints?", "train")]
    test = [
        question("q1", "when does the kittewan sail"),
        question("q2", "When does the Vennick sail?"),
        question("q3", "At what time is departure?"),
    ]
    found = [(leak.test_id, leak.train_id, leak.kind) for leak in find_leaks(train, test, HARBOURS)]
    assert found == [("q1", "t1", "exact"), ("q2", "t1", "masked")]


def test_near_pairs_are_those_of_comparing_all_with_all() -> None:
    draw = random.Random(0)
    words = [f"w{number}" for number in range(12)]
    left, right = ([" ".join(draw.sample(words, draw.randint(1, 8))) for _ in range(150)] for _ in range(2))

    def alike(a: str, b: str) -> bool:
        one, two = set(a.split()), set(b.split())
        return len(one & two) / len(one | two) >= 0.8

    found = near_pairs(left, right)
    assert set(found) == {place for place, text in enumerate(right) if any(alike(other, text) for other in left)}
    assert all(alike(left[other], right[place]) for place, other in found.items())


def test_a_near_duplicate_leaks_only_with_the_same_answer() -> None:
    train = [question("t1", "How long is the old wooden quay at the northern port?", "train")]
    near = question("q1", "How long is the wooden quay at the northern port?")
    other = near.model_copy(update={"id": "q2", "answers": ("y",)})
    assert [(leak.test_id, leak.kind) for leak in find_leaks(train, [near, other], HARBOURS)] == [("q1", "near")]


_TEXT = (
    "# Refunds and Deposits\n\nWhen to pay\nThe refund takes 5 days.\nTickets: see below.\n- How deposits work\n"
    "The deposit takes 9 days. The tickets of Maren Holt are free."
)
LINES = [Document(id="a", title="a", text=_TEXT)]


def test_first_words_of_lines_and_plain_words_are_no_names() -> None:
    assert entity_names(LINES) == {"maren", "holt"}


def test_questions_that_differ_in_a_plain_word_are_no_leak() -> None:
    train = [
        question("t1", "How long does the refund take?", "train"),
        question("t2", "When are the tickets sold?", "train"),
    ]
    test = [question("q1", "How long does the deposit take?"), question("q2", "When are the refunds sold?")]
    assert find_leaks(train, test, LINES) == []


def test_where_nouns_have_capitals_they_are_no_names() -> None:
    text = "Die Fähre bringt am Morgen die Gäste zur Insel. Am Abend holt das Boot die Post vom Hafen. " * 3
    documents = [Document(id="a", title="a", text=text)]
    train = [question("t", "Wann öffnet im Sommer das Museum der Stadt?", "train")]
    test = [
        question("q1", "Wann öffnet im Sommer das Hotel der Insel?"),
        question("q2", "Wann öffnet im Sommer das Museum der Stadt"),
    ]
    assert [(leak.test_id, leak.kind) for leak in find_leaks(train, test, documents)] == [("q2", "exact")]
