"""Sentences are exact quotes, and a full stop is not always an end."""

import pytest

from data.sentences import sentence_around, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here. Two there.", ["One here.", "Two there."]),
        ("Dr. Bain met Mr. Orde at 06.50 today. They spoke.", ["Dr. Bain met Mr. Orde at 06.50 today.", "They spoke."]),
        ("A heading\n\nText follows", ["A heading", "Text follows"]),
        ("He said “Go.” Then he went.", ["He said “Go.”", "Then he went."]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_the_sentence_around_a_span_is_a_quote() -> None:
    text = "First one. The code is 3591 here. Last one."
    at = text.index("3591")
    assert sentence_around(text, at, at + 4) == "The code is 3591 here."
    assert sentence_around(text, 0, len(text)) == text
