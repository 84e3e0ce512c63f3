"""Regular expressions of a domain: the language of `re`, and never longer than a second."""

import pytest

from data.errors import TriviumError
from data.patterns import fits, problem_of

BACKTRACKING = [r"(\w+\s?)+\.", r"(a+)+b", r"(.*a){20}$", r"([a-z ]+)*!", r"(x|x|[a-z ])*y", r"((\w|\s)+)+;"]
ENDLESS = [r"((a|aa)+)+b", r"(.*?,){11}P"]
PROSE = "The flag of the harbour shows an otter and nothing else of any note at all"


@pytest.mark.parametrize(
    ("pattern", "text", "fitting"),
    [
        (r"Answer: .+", "Answer: 7", True), (r"Answer: .+", "7", False), (r"\d+", "12 or so", False),
        (r"\w+", "Größe", True), (r"(a)\1", "aa", True), (r"", "", True), (r"[A-Z].*\.", "It is.", True),
        (r"(?=.*kg)\S+ kg", "12 kg", True),
    ],
)  # fmt: skip
def test_the_whole_text_must_fit(pattern: str, text: str, fitting: bool) -> None:
    assert fits(pattern, text) is fitting
    assert problem_of(pattern) == ""


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_pattern_that_never_ends_is_refused_before_a_run(pattern: str) -> None:
    assert "repetitions inside repetitions" in problem_of(pattern)


@pytest.mark.parametrize("pattern", BACKTRACKING)
def test_what_other_matchers_never_end_is_answered(pattern: str) -> None:
    assert problem_of(pattern) == ""
    assert not fits(pattern, PROSE)


def test_matching_gives_up_after_a_second() -> None:
    with pytest.raises(TriviumError, match="needs more than 1 second"):
        fits(r"((a|aa)+)+b", "a" * 60)


@pytest.mark.parametrize(("pattern", "said"), [("(", "no regular expression"), ("a" * 2000, "2,000 characters")])
def test_what_is_no_pattern_is_said(pattern: str, said: str) -> None:
    assert said in problem_of(pattern)
