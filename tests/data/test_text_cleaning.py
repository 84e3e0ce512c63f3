"""Text has one spelling after it was cleaned, and what a reader sees stays."""

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from data.text_cleaning import clean_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("o\ufb00er \ufb01ve \ufb02oors, e\ufb03cient ba\ufb04ed \ufb06eam",
         "offer five floors, efficient baffled steam"),
        ("har\xadbour", "harbour"),
        ("har\xad\nbour master", "harbour master"),
        ("har\xad \r\n  bour", "harbour"),
        ("zero\u200bwidth\ufeff \u2060join\u200der", "zerowidth joiner"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚒 crew", "👩\u200d🚒 crew"),
        ("12\u202f500\xa0km, full\u3000width", "12 500 km, full width"),
        ("1\u20282\u20293\x854\r\n5\r6\x0b7\x0c8\x1c9", "\n".join("123456789")),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("a pair \ud83d\ude00 in halves", "a pair 😀 in halves"),
        ("nul\x00 bell\x07 c1\x9b", "nul bell c1"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07text", "red text"),
        ("Cafe\u0301 A\u030angstro\u0308m", "Café Ångström"),
        ("２０２５年 ＡＢＣ", "2025年 ABC"),
        ("non\u2011smoking", "non-smoking"),
        ("left\u202eright\u200f", "leftright"),
        ("10⁶ m², ½ price, H₂O, №5, ℃, Ⅻ, …, “quotes” – −5", "10⁶ m², ½ price, H₂O, №5, ℃, Ⅻ, …, “quotes” – −5"),
        ("\ttabs  and\n\nlines stay ", "\ttabs  and\n\nlines stay "),
    ],
)  # fmt: skip
def test_one_spelling(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@seed(1)
@settings(max_examples=300, deadline=None, database=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_cleaning_twice_changes_nothing_more_and_the_result_can_be_written(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert once.splitlines() == once.removesuffix("\n").split("\n") or not once
    once.encode("utf-8")
