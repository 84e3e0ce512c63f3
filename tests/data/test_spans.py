"""Answer spans are found by rule, and the rule knows how to ask for them."""

import pytest

from data.spans import Span, answer_spans, clause_around, gap_request, in_place_question, question_start


def spans(sentence: str) -> list[tuple[str, str]]:
    return [(span.kind, span.text) for span in answer_spans(sentence)]


def span_of(sentence: str, text: str) -> Span:
    return next(span for span in answer_spans(sentence) if span.text == text)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It opens at 05:30 and costs 1.20 pounds.", [("time", "05:30"), ("quantity", "1.20 pounds")]),
        ("She was built in 1998 by Halloran & Pryce.", [("year", "1998"), ("name", "Halloran & Pryce")]),
        ("The form is OSF-88, due on 27 October.", [("code", "OSF-88"), ("date", "27 October")]),
        ("It rose by 40 per cent to £3.8 million.", [("quantity", "40 per cent"), ("quantity", "£3.8 million")]),
        ("Ships and boats came in.", []),
    ],
)
def test_kinds_of_spans(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert spans(sentence) == expected


def test_what_stands_twice_is_no_answer() -> None:
    assert spans("The fee is 9 pounds, not 9 pounds a head.") == []


@pytest.mark.parametrize(
    ("sentence", "text", "start"),
    [
        ("The quay is 62 metres long.", "62 metres", "How many metres"),
        ("The toll is 9 pounds.", "9 pounds", "How much"),
        ("The yard closed in 2011.", "2011", "In what year"),
        ("The yard lies at Garvock.", "Garvock", "Where"),
        ("We trust our purser, Lottie Bain, with it.", "Lottie Bain", "Who"),
    ],
)
def test_how_a_question_begins(sentence: str, text: str, start: str) -> None:
    assert question_start(sentence, span_of(sentence, text)) == start


@pytest.mark.parametrize(
    ("sentence", "text", "question"),
    [
        ("The yard at Cold Ness closed in 2011.", "2011", "The yard at Cold Ness closed in what year?"),
        ("Fuel is delivered by Sorley Oils on Mondays.", "Sorley Oils", "Fuel is delivered by whom on Mondays?"),
        ("Ask the purser, Lottie Bain, about it.", "Lottie Bain", "Who is the purser?"),
        ("The shop sells 340 objects, and more.", "340 objects", "The shop sells how many objects?"),
        (
            "As winter began at Tarsa, the boats stayed in.",
            "Tarsa",
            "As winter began at which place, the boats stayed in?",
        ),
        ("In 1638, the college got a press.", "1638", "In what year, the college got a press?"),
        ("As the fire died down, Lottie Bain, too, slept.", "Lottie Bain", None),
        ("Kelloch, 9 May - The pier is open.", "9 May", None),
        ("It closed in 2011.", "2011", None),
        ("Lottie Bain sings.", "Lottie Bain", None),
    ],
)
def test_the_sentence_itself_as_a_question(sentence: str, text: str, question: str | None) -> None:
    assert in_place_question(sentence, span_of(sentence, text)) == question


def test_a_clause_ends_at_commas_and_conjunctions() -> None:
    sentence = "A parcel costs 9 pounds, whatever it weighs, and takes two weeks."
    assert clause_around(sentence, span_of(sentence, "9 pounds")) == "A parcel costs 9 pounds"
    assert "parcel" not in clause_around(sentence, span_of(sentence, "two weeks"))


def test_a_gap_stands_where_the_answer_was() -> None:
    sentence = "The yard at Cold Ness closed in 2011."
    assert gap_request(sentence, span_of(sentence, "2011")) == "Fill the gap: The yard at Cold Ness closed in …."
    assert gap_request("It closed in 2011.", span_of("It closed in 2011.", "2011")) is None
