"""Where in a text an invented sentence can stand: behind a sentence of running text, from its begin to its end."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.language import UNSPACED
from data.sentences import spans

_NO_PROSE = re.compile(r"\s*(?:#|\||```|~~~|>|[-=*_]{3,}\s*$)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_ENDED = re.compile(r"[.!?。！？…][\"'”’»)」』]*$")
_UNSPACED_LETTER = re.compile(f"[{UNSPACED}]")
_LEAST = 3  # words of a sentence behind which another one may stand
# Three sentences stand early: each before this share of the text, and before so many words however long it is.
_EARLY = ((0.1, 60), (0.2, 120), (0.3, 200))
_END = 0.9  # share of a text behind which one stands


def word_count(text: str) -> int:
    """Words; of a script without spaces, two letters count as one."""
    letters = len(_UNSPACED_LETTER.findall(text))
    return len(_UNSPACED_LETTER.sub(" ", text).split()) + letters // 2


@dataclass(frozen=True)
class Gap:
    """A place in a text: behind so many characters, and so many words."""

    at: int
    words: int


def gaps(text: str, language: str) -> list[Gap]:
    """Places behind whole sentences, in order, and the end of the text. None in headings, tables and code."""
    found = [Gap(end, word_count(text[:end])) for end in _ends(text, language)]
    end = len(text.rstrip())
    return found if found and found[-1].at == end else [*found, Gap(end, word_count(text))]


def _ends(text: str, language: str) -> Iterator[int]:
    fenced = _fenced(text)
    for start, end in spans(text, language):
        line = text[text.rfind("\n", 0, start) + 1 : end]
        inside = any(low <= start < high for low, high in fenced)
        prose = not inside and not _NO_PROSE.match(line) and "|" not in line
        if prose and _ENDED.search(text[start:end]) and word_count(text[start:end]) >= _LEAST:
            yield end


def _fenced(text: str) -> list[tuple[int, int]]:
    """Begin and end of each block of code."""
    at, marks = 0, []
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line):
            marks.append(at)
        at += len(line)
    return list(zip(marks[::2], [*marks[1::2], len(text)], strict=False))


def spread(places: Sequence[Gap], count: int, draw: random.Random) -> list[Gap]:
    """So many different places, drawn within bands and in order; all that there are, where there are fewer.

    One sentence at the begin, one at the end, two more that are early: where a text is cut off, the early ones tell it
    from a text that is missing. The others stand in equal parts between.
    """
    if count >= len(places):
        return list(places)
    whole = places[-1].words
    first, second, third = (min(share * whole, words) for share, words in _EARLY)
    end = _END * whole
    step = (end - third) / max(1, count - 4)
    bands = [(0.0, first), (end, whole), (second, third), (first, second)]
    bands += [(third + step * n, third + step * (n + 1)) for n in range(count - 4)]
    chosen: list[Gap] = []
    for low, high in bands[:count]:
        wanted = draw.uniform(low, high)
        chosen.append(min((gap for gap in places if gap not in chosen), key=lambda gap: abs(gap.words - wanted)))
    return sorted(chosen, key=lambda gap: gap.at)


def with_sentences(text: str, added: Sequence[tuple[Gap, str]], language: str) -> str:
    """The text with sentences at these places; a sentence at the end of what is no running text is a paragraph."""
    made, at = [], 0
    for gap, sentence in sorted(added, key=lambda pair: pair[0].at):
        before = text[at : gap.at]
        made += [before, _joint(text[: gap.at], language), sentence]
        at = gap.at
    return "".join([*made, text[at:]])


def _joint(before: str, language: str) -> str:
    """What stands between a sentence and the next."""
    line = before[before.rfind("\n") + 1 :]
    if not _ENDED.search(before) or _NO_PROSE.match(line) or "|" in line:
        return "\n\n"
    return "" if language in ("ja", "zh") else " "
