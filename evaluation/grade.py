"""Grade an answer by rules that a person can check: an accepted form, no competing value, a limit of words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.schema import Question

WORD_LIMIT = 40  # words; what comes after them is not read

_WORDS_TO_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: str(value) for value, word in enumerate(_WORDS_TO_TWENTY)}
_UNITS = {"%": "per cent", "percent": "per cent", "min": "minutes", "mins": "minutes", "minute": "minutes",
          "hour": "hours", "hrs": "hours", "day": "days", "metre": "metres", "meter": "metres", "meters": "metres",
          "tons": "tonnes", "tonne": "tonnes", "pound": "pounds", "gbp": "pounds"}  # fmt: skip
_ABSTENTION = re.compile(
    r"\b(unknown|not known|(do|does|did) not know|don ?t know|no information|not (mentioned|specified|stated|provided)"
    r"|(can ?not|could not|unable to) (be )?(answer|determine|tell)\w*)\b"
)


class GradeName(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    ABSTAINED = "abstained"
    UNSCORED = "unscored"  # there is nothing to grade; never counted as wrong


@dataclass(frozen=True)
class Grade:
    """A grade with the reason for it, in words."""

    grade: GradeName
    reason: str


def words_of(text: str) -> list[str]:
    """Comparable words: lower case, no accents, no articles, one spelling of numbers and units.

    >>> words_of("The fee is £4.50, i.e. twelve per cent of 1,200.")
    ['fee', 'is', '4.50', 'pounds', 'i', 'e', '12', 'per', 'cent', 'of', '1200']
    """
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).replace("&", " and ")
    text = re.sub(r"£\s*([\d.,]*\d)", r"\1 pounds", text).replace("%", " % ")
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", text)
    text = (
        re.sub(r"(\d)([a-z]{2,})\b", r"\1 \2", text) if re.search(r"\d(min|mins|hrs|metres|tonnes)\b", text) else text
    )
    words = re.findall(r"\d+(?:[.:]\d+)+|%|\w+", text)
    words = [_UNITS.get(word, _NUMBERS.get(word, word)) for word in words]
    return [part for word in words for part in word.split() if part not in {"a", "an", "the"}]


def _find(needle: Sequence[str], hay: Sequence[str]) -> int:
    """Place of the first occurrence of `needle` as a run of whole words, or -1."""
    size = len(needle)
    return next((at for at in range(len(hay) - size + 1) if list(hay[at : at + size]) == list(needle)), -1)


def _without(needle: Sequence[str], hay: list[str]) -> list[str]:
    """`hay` with every occurrence of `needle` replaced by a gap that nothing matches."""
    while (at := _find(needle, hay)) >= 0:
        hay = [*hay[:at], "\0", *hay[at + len(needle) :]]
    return hay


def _bare_number(answer: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the answer is a number with a unit and the whole reply is just that number."""
    return len(answer) > 1 and len(said) == 1 and answer[0] == said[0] and answer[0][0].isdigit()


def grade(question: Question, reply: str | None) -> Grade:
    """Grade one reply.

    A hit: "It is 35 minutes." for the accepted form "35 minutes". A miss: "35 minutes, or 20 minutes on the islands"
    where "20 minutes" is a competing value; "350 minutes", because only whole words match.
    """
    if reply is None:
        return Grade(GradeName.UNSCORED, "no answer was recorded")
    said = words_of(" ".join(reply.split()[:WORD_LIMIT]))
    abstained = not said or bool(_ABSTENTION.search(" ".join(said)))
    if not question.answerable:
        if abstained:
            return Grade(GradeName.ABSTAINED, "said that it does not know, and no document answers the question")
        return Grade(GradeName.WRONG, "gave an answer that no document supports")
    forms = sorted((words_of(answer) for answer in question.answers), key=len, reverse=True)
    hits = [form for form in forms if form and (_find(form, said) >= 0 or _bare_number(form, said))]
    if not hits:
        if abstained:
            return Grade(GradeName.ABSTAINED, "said that it does not know" if said else "said nothing")
        return Grade(GradeName.WRONG, "no accepted form in the answer")
    rest = said
    for form in forms:
        rest = _without(form, rest) if form else rest
    for distractor in question.distractors:
        if (words := words_of(distractor)) and _find(words, rest) >= 0:
            return Grade(GradeName.WRONG, f"names a competing value too: {distractor}")
    if abstained:
        return Grade(GradeName.WRONG, "names a value and says that it does not know")
    return Grade(GradeName.CORRECT, f"accepted form: {' '.join(hits[0])}")


def is_stale(question: Question, reply: str | None) -> bool:
    """Whether the reply gives what was right before the documents changed, and not what is right now."""
    before = question.model_copy(update={"answers": question.stale_answers, "distractors": question.answers})
    return bool(question.stale_answers) and grade(before, reply).grade is GradeName.CORRECT


def has_form(pattern: str, reply: str | None) -> bool:
    """Whether the whole reply has the house form; what it says is graded apart."""
    return re.fullmatch(pattern, (reply or "").strip()) is not None
