"""Pieces of a page: characters with their places, words without a gap, and segments, words that follow on one line."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import NamedTuple

from data.reading.superscripts import lowered, raised

_SMALLER = 0.86  # of the line's size: raised and lowered characters are set smaller
_RAISED, _LOWERED = 0.2, 0.06  # of the line's size, from its baseline
_SAME_LINE = 0.35  # of the size: baselines that differ by less belong to one line
_SPACE = 0.12  # of the size: what stands apart by more is two words
_NEAR_END = 12  # characters that tell how high a line stands
_WIDE_GAP = 1.1  # of the size: more is no space between words but between cells or columns


class Character(NamedTuple):
    """Coordinates in points from the lower left corner of the page."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float


@dataclass(frozen=True)
class Segment:
    """Words that follow each other on one line of one column or cell; `base` is where its letters stand."""

    characters: tuple[Character, ...]  # with spaces between words
    x0: float
    x1: float
    base: float
    size: float

    @cached_property
    def text(self) -> str:
        """Its text; what is raised or lowered is written as 10^6, H2O, [1]."""
        text, group, kind = "", "", ""
        for character in self.characters:
            now = _place(character, self.base, self.size)
            if now != kind:
                text, group, kind = _written(text, group, kind), "", now
            group += character.text
        return " ".join(_written(text, group, kind).split())


def segment(characters: Sequence[Character]) -> Segment:
    """A segment of characters that are in order."""
    size = Counter(round(c.size, 1) for c in characters if c.text != " ").most_common(1)[0][0]
    # Of the letters in full size the middle one: letters like p hang below the line, quotation marks above it.
    base = median(c.y0 for c in characters if c.text != " " and c.size >= _SMALLER * size)
    return Segment(tuple(characters), min(c.x0 for c in characters), max(c.x1 for c in characters), base, size)


def _written(text: str, group: str, kind: str) -> str:
    return text + (raised(text, group) if kind == "raised" else lowered(text, group) if kind == "lowered" else group)


def same_word(last: Character, character: Character) -> bool:
    """Whether a character stands right behind another, or, as pdfium gives the letters of a ligature, in its place."""
    gap = character.x0 - last.x1
    return abs(character.x0 - last.x0) < 0.1 or -0.5 * character.size < gap < 0.35 * character.size


def _place(character: Character, base: float, size: float) -> str:
    if character.text == " " or character.size > _SMALLER * size:
        return ""
    above = character.y0 - base
    return "raised" if above > _RAISED * size else "lowered" if above < -_LOWERED * size else ""


def _follows(line: Sequence[Character], word: Sequence[Character]) -> bool:
    """Whether a word goes on in a line: right behind it, and at its height."""
    end = line[-_NEAR_END:]
    size = max(c.size for c in (*end, word[0]))
    letter = next((c for c in reversed(end) if c.size >= _SMALLER * size and c.text.isalnum()), line[-1])
    near = -0.5 * size < word[0].x0 - line[-1].x1 < _WIDE_GAP * size
    return near and letter.y0 - 0.8 * size < word[0].y0 < letter.y0 + 0.95 * size


def _joined(first: Sequence[Character], second: Sequence[Character]) -> list[Character]:
    gap = second[0].x0 - first[-1].x1
    space = Character(" ", first[-1].x1, second[0].y0, second[0].x0, second[0].y1, second[0].size)
    return [*first, space, *second] if gap > _SPACE * second[0].size else [*first, *second]


def segments(words: Iterable[Sequence[Character]]) -> list[Segment]:
    """Words, in the order of the file, joined where one stands right behind the other on a line; from top to bottom."""
    found: list[list[Character]] = []
    for word in words:
        if found and _follows(found[-1], word):
            found[-1] += _joined(found[-1][-1:], word)[1:]
        else:
            found.append(list(word))
    result: list[Segment] = []
    for line in lines_of([segment(characters) for characters in found]):
        current = line[0].characters
        for part in line[1:]:  # the file may hold the parts of a line apart
            if _follows(current, part.characters):
                current = tuple(_joined(current, part.characters))
            else:
                result.append(segment(current))
                current = part.characters
        result.append(segment(current))
    return result


def lines_of(parts: Iterable[Segment]) -> list[list[Segment]]:
    """Segments that stand side by side, line by line from top to bottom."""
    lines: list[list[Segment]] = []
    for part in sorted(parts, key=lambda part: (-part.base, part.x0)):
        if lines and abs(lines[-1][0].base - part.base) < _SAME_LINE * max(part.size, lines[-1][0].size):
            lines[-1].append(part)
        else:
            lines.append([part])
    return [sorted(line, key=lambda part: part.x0) for line in lines]
