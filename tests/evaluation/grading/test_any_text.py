"""Whatever text comes in, grading gives a grade: 300 questions and replies from a fixed seed."""

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from data.schema import Question
from evaluation.grading.languages import COVERED
from evaluation.grading.rules import grade, grade_by_rules

PIECES = [
    "-", "−", "½", "10^", "⁶", "1e", "12,34,567", "3/4", "03/04/2021", "noon", "<think>", "</think>", "$", "€", "°C",
    "km/h", "XIV", "million", "万", "三十", "時", "年",
    "no", "A", "(B)", "unknown", "\\frac{", "}", "**", "```", "٣", "'",
    '"', "/", ":", ".", "\x00", "\u200b", "dozen", "0", "999999999999", "one and a half", "at least", ", ",
    " and ", "half past", "9" * 5000, "7" * 400, "1" + ",000" * 200, "٣" * 500, "0." + "3" * 900, "%", " m", " percent",
]  # fmt: skip
LANGUAGES = (*COVERED, "sv", "")
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.integers().map(str)), max_size=12).map(
    "".join
)
filled = texts.filter(lambda text: bool(text.strip()))


@seed(20)
@settings(max_examples=300, deadline=None, database=None)
@given(question=filled, answers=st.lists(filled, max_size=3), reply=texts, language=st.sampled_from(LANGUAGES))
def test_any_text_gets_a_grade(question: str, answers: list[str], reply: str, language: str) -> None:
    asked = Question(id="q", question=question, answers=tuple(answers))
    settled = grade_by_rules(asked, reply, 40, language)
    assert settled == grade_by_rules(asked, reply, 40, language), "the same each time"
    assert grade(asked, reply, language).reason
    if answers and any(c.isalnum() for c in answers[0]) and settled:
        assert settled.by == "rules"


def test_long_repetitions_end() -> None:
    """Patterns that could look back without end."""
    for piece in (
        "1 ",
        "7",
        "9,999,",
        "0.1",
        "٣",
        "no information ",
        "1,",
        "not ",
        "((",
        "$",
        "三",
        "a and ",
        "1/",
        "<think>",
        "'",
    ):
        asked = Question(id="q", question=piece * 400, answers=(piece * 400,))
        assert grade(asked, piece * 3000).reason
