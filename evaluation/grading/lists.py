"""Accepted answers of several parts: lists, all of which is asked for, and places, whose first part is enough."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.grading.languages import either, table
from evaluation.grading.values.quantities import mentions, quantities
from evaluation.grading.values.words import marked, words_of

_COMMA = r"\s*[,;、，]\s*"
_TO = r"(?<=[\u30a0-\u30ff\u4e00-\u9fff])(?:と|および|及び)(?=[\u30a0-\u30ff\u4e00-\u9fff])"
_SEVERAL = re.compile(
    r"\b(two|three|four|five|six|seven|both|all|list|names?|(which|what|who) (\w+ )?(are|were)|(which|what) \w+s)\b",
    re.I,
)


@dataclass(frozen=True)
class Parts:
    """The parts of an answer; `joined`: an "and" stands before the last."""

    items: tuple[str, ...]
    joined: bool


def parts_of(answer: str, code: str = "en") -> Parts:
    """The parts between commas and "and"; fewer than two where the answer is one thing."""
    joint = either(table(code).get("and", ()) or ("and",))
    cut = re.compile(
        rf"{_COMMA}|{_TO}" if code == "ja" else rf"{_COMMA}(?:(?:{joint})\s+|&\s*)?|\s+(?:{joint})\s+|\s*&\s*",
        re.IGNORECASE,
    )
    masked = re.sub(r"(?<=\d),(?=\d)", "\0", answer)
    items = tuple(item.replace("\0", ",").strip() for item in cut.split(masked) if item.strip())
    return Parts(items, bool(re.search(rf"\s(?:{joint})\s|&", masked, re.IGNORECASE)))


def is_place(question: str, parts: Parts, code: str = "en") -> bool:
    """Whether parts with capitals say ever more widely where something is: city, region, country."""
    starts = [re.match(r"[A-ZÀ-Þ]" if place else r"[A-Z0-9À-Þ]", item) for place, item in enumerate(parts.items)]
    if len(parts.items) < 2 or parts.joined or not all(starts):
        return False
    asked = set(words_of(question, code))
    places = {*table("en")["places"], *table(code).get("places", ())}
    return bool(asked & places) or (len(parts.items) > 2 and not _SEVERAL.search(question))


def first_part_said(parts: Parts, reply: str, asked: set[str], code: str = "en") -> bool | None:
    """Whether a reply gives the first part of a place; False where another follows it, None where it is missing."""
    first, said = words_of(parts.items[0], code), words_of(reply, code)
    found = next(mentions(first, said), None)
    if found is None:
        return None
    known = {word for item in parts.items for word in words_of(item, code)} | asked
    after = set(said[found[1] : found[1] + 3]) & set(marked(reply, code))
    return all(word in known or any(word[0] == other[0] and word in other for other in known) for word in after)


def said_items(answer: str, said: Sequence[str], code: str = "en") -> tuple[int, int]:
    """How many items of a list are said, in any order, and how many it has; 0 of 0 where the answer is no list."""
    parts = parts_of(answer, code)
    items = [words_of(item, code) for item in parts.items]
    if len(items) < 2 or not all(items) or items[0][0] == "between":
        return 0, 0
    return sum(any(True for _ in mentions(item, said)) for item in items), len(items)


def must_be_complete(question: str, answer: str, said: Sequence[str], code: str = "en") -> bool:
    """Whether some of the items are not enough: three or more, two names or amounts, or where one item is all said."""
    parts = parts_of(answer, code)
    if is_place(question, parts, code):
        return False
    if parts.joined and any(words_of(item, code) == list(said) for item in parts.items):
        return True
    if len(parts.items) > 2 or _SEVERAL.search(question):
        return True
    return parts.joined and all(marked(item, code) or quantities(words_of(item, code)) for item in parts.items)
