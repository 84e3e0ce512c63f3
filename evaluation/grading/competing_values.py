"""Another value than the accepted one, told by what kind of value it is: number, weekday, colour, name, code."""

import re
from collections.abc import Sequence
from fractions import Fraction

from data.schema import Question
from evaluation.grading.abbreviations import SMALL
from evaluation.grading.values.dates import dates_in
from evaluation.grading.values.quantities import NUMBER, quantities
from evaluation.grading.values.words import alike, among, length, marked, words_of

SHORT = 12  # words: in replies up to this length other amounts are the answer, or a hedge
BARE = 7  # words: in replies up to this length nothing but the value is said
SENTENCE = 20  # words: in replies up to this length another number, or a name that differs in one word, is the answer
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"1\d{3}|20\d\d")
# Sets of which an answer is one: where the accepted form is in it, another one is wrong, however near in meaning.
_CLOSED = tuple(
    frozenset(words.split())
    for words in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february march april may june july august september october november december",
        "red orange yellow green blue purple violet brown black white grey pink turquoise",
        "north south east west northern southern eastern western",
        "spring summer autumn winter",
        "left right",
        "daily weekly monthly yearly annually hourly",
        "always never",
        "solid liquid gas",
        "male female",
        "ɑ b c d e f g h",
        "breakfast lunch dinner",
        "first second third fourth",
        "mercury venus earth mars jupiter saturn uranus neptune",
    )
)
_MONTHS = _CLOSED[1]
_NOUNS_WITH_CAPITALS = ("de", "lb")  # where a capital makes no name


def _is_other_quantity(forms: Sequence[Sequence[str]], said: Sequence[str]) -> bool:
    """Whether the reply gives amounts and none is an accepted one: "3 weeks" for "3 September", "5 mg" for "5 g"."""
    accepted = [value for form in forms for value in quantities(form) if value.unit or not _MONTHS & set(form)]
    accepted = [value for value in accepted if value.unit] or accepted
    given = [value for value in quantities(said) if value.unit]
    return bool(given) and not any(
        one.may_equal(other) or (not one.unit and str(one.number) in said) for one in accepted for other in given
    )


def same_number(accepted: str, said: str) -> bool:
    """Whether a person has to compare two words of digits: 3.10 and 3.1, 05 and 5, or 12.65 and 12.7."""
    if not (NUMBER.fullmatch(accepted) and NUMBER.fullmatch(said)):
        return False
    if Fraction(accepted) == Fraction(said):
        return True
    places = len(said.partition(".")[2])
    rounded = "." in accepted and places < len(accepted.partition(".")[2]) and len(said.strip("-0.")) > 1
    return rounded and Fraction(f"{float(accepted):.{places}f}") == Fraction(said)


def _rival_date(forms: Sequence[Sequence[str]], said: Sequence[str]) -> str | None:
    """Why a reply gives another date, or one without the day or month that all accepted ones have."""
    accepted = [dates_in(form) for form in forms]
    if not all(any(date.month for date in dates) for dates in accepted):
        return None
    wanted = [date for dates in accepted for date in dates if date.month]
    given = dates_in(said)
    if not given:
        return None
    if all(date.conflicts(one) for date in given for one in wanted):
        return "another date"
    if length(said) <= BARE and all(date.conflicts(one) or date.is_coarser(one) for date in given for one in wanted):
        return "a date without the day or month that is asked for"
    return None


def rival_value(forms: Sequence[Sequence[str]], said: Sequence[str]) -> str | None:
    """Why a reply gives another number, date, weekday, colour or the like than is accepted; None where it does not."""
    for kind in _CLOSED:
        ours, theirs = [kind & set(form) for form in forms], kind & set(said) - {"may"}
        other = theirs - set().union(*ours)
        if all(ours) and other and length(said) <= (SHORT if theirs - other else SENTENCE):
            return f"one of a few possible values, and the reply gives another: {min(other)}"
    if length(said) <= SENTENCE and (date := _rival_date(forms, said)):
        return date
    years = [set(filter(_YEAR.fullmatch, form)) for form in forms]
    told = set(filter(_YEAR.fullmatch, said))
    if length(said) <= SENTENCE and all(years) and told and not told & set().union(*years):
        return f"another year: {min(told)}"
    given = {word for word in said if _DIGIT.search(word)}
    wanted = [{word for word in form if _DIGIT.search(word)} for form in forms]
    near = any(same_number(one, other) for some in wanted for one in some for other in given)
    near = near or any(a.may_equal(b) for form in forms for a in quantities(form) if a.unit for b in quantities(said))
    if length(said) <= SENTENCE and all(wanted) and not near and not any(given & some for some in wanted):
        return f"the answer is a number, and the reply gives {'another' if given else 'none'}"
    if length(said) <= SHORT and all(wanted) and _is_other_quantity(forms, said):
        return "the answer is another kind of number than the reply gives"
    return None


def _differing(answer: str, reply: str, asked: set[str], code: str) -> str | None:
    """A name or code in the reply that has the accepted one's form but differs in what tells it apart, else None.

    "Gate A" for "Gate C", "Tarsa Beekeepers" for "Vennick Beekeepers"; but "Thomas Alva Edison" for "Thomas Edison" and
    "Dave Madden" for "David Madden" are no rivals.
    """
    form, said = words_of(answer, code), words_of(reply, code)
    ours, theirs = set(marked(answer, code)), set(marked(reply, code))
    for at in range(len(said) - len(form) + 1 if 2 <= len(form) <= 5 else 0):
        window = said[at : at + len(form)]
        pairs = [(mine, other) for mine, other in zip(form, window, strict=True) if not alike(mine, other)]
        told_apart = pairs and len(pairs) < len(form) and all(
            mine in ours and other in theirs and not among(other, asked) and not among(mine, said)
            and (mine[0] != other[0] or (_DIGIT.search(mine) and _DIGIT.search(other) and len(mine) == len(other)))
            and (len(mine) == 1) is (len(other) == 1)
            for mine, other in pairs
        )  # fmt: skip
        if told_apart:
            return " ".join(window)
    return None


def _other_name(question: Question, reply: str, said: Sequence[str], asked: set[str], code: str) -> str | None:
    """A name in the reply where names are accepted and no word of any of them, not even misspelled, is there."""
    forms = [[word for word in words_of(answer, code) if not among(word, asked)] for answer in question.answers]
    ours = [set(marked(answer, code)) & set(form) for answer, form in zip(question.answers, forms, strict=True)]
    if not all(ours) or any(among(word, said) for form in forms for word in form if word not in SMALL):
        return None
    theirs = [word for word in marked(reply, code) if not among(word, asked)]
    first = words_of(reply.split()[0], code)
    named = theirs if length(said) <= 4 else [word for word in theirs if word not in first]
    return named[0] if named else None


def _other_full_name(question: Question, reply: str, said: Sequence[str], asked: set[str], code: str) -> str | None:
    """As `_other_name` where all nouns have capitals: only what has two and nothing else is surely a name."""
    full = all(len(marked(answer, code)) > 1 for answer in question.answers)
    other = _other_name(question, reply, said, asked, code) if full else None
    return f"names another: {other}" if other and 1 < len(said) == len(marked(reply, code)) else None


def rival_name(question: Question, reply: str, code: str = "en") -> str | None:
    """Why a reply of a sentence names another person, place, thing or code than is accepted; None where it does not."""
    asked, said = set(words_of(question.question, code)), words_of(reply, code)
    if length(said) > SENTENCE:
        return None
    if code in _NOUNS_WITH_CAPITALS:
        return _other_full_name(question, reply, said, asked, code)
    differing = (_differing(answer, reply, asked, code) for answer in question.answers)
    other = next(filter(None, differing), None) or _other_name(question, reply, said, asked, code)
    return f"names another: {other}" if other else None
