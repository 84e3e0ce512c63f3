"""Sentences of a text, each an exact quote from it, in nine languages."""

import re
from collections.abc import Iterator
from functools import lru_cache

from data.language import detect_language
from data.sentence_rules import BEFORE_NUMBERS, ORDINAL_LANGUAGES, abbreviations, either, starters

# A mark and what it closes ends a sentence before white space; marks of scripts without spaces do so anywhere.
_END = re.compile(r"[.!?…]+(?:[ \xa0]?»|[\"'”’›«)\]])*(?=\s)|[。！？｡．]+[」』”’）》\]]*|\n")
_BEGINS = re.compile(r"[\"'“”‘„«»‹(\[¿¡—–-]*\s?([^\W_])")
_LAST_WORD = re.compile(r"[^\s\"'“”‘’„«»‹›(\[]*$")
_FIRST_WORD = re.compile(r"[\W_]*(\w+)")
_SAID = re.compile(r"\s*(?:と|って|[他她我它你]?们?(?:说|道|问|答))")  # a quotation goes on: 「…。」と言った, “…。”他说
_HALF, _BRIEF = re.compile(r"[^\W\d_]"), re.compile(r"[^\W\d_]{1,2}\.")
_SPACED_PAIR = re.compile(r"(?<![^\W_])([^\W\d_])\.[ \xa0]([^\W\d_]{1,2})$")  # "z. B": known as "z.b"
_INITIAL = re.compile(r"[^\W\d_](?:\.-?[^\W\d_])*")


@lru_cache(maxsize=32)
def _tables(language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return abbreviations(language), either(language), starters(language)


def _goes_on(before: str, after: str, language: str) -> bool:
    """Whether the sentence goes on after a single full stop between these two."""
    always, sometimes, first_words = _tables(language)
    written = _LAST_WORD.search(before[-60:])
    word = written[0] if written else ""
    small, found = word.lower(), _FIRST_WORD.match(after[:60])
    if _HALF.fullmatch(small) and _BRIEF.match(after):
        return True  # "z. B.", "d. h.", "p. ej."
    if pair := _SPACED_PAIR.search(before[-60:]):
        small = f"{pair[1]}.{pair[2]}".lower()
    following = found[1] if found else ""
    starts = following.lower() in first_words
    if small in always or (small in BEFORE_NUMBERS and following[:1].isdigit()):
        return True
    if word.isdigit() and len(word) < 3:
        alone = before.strip() == word  # the number of a list's item
        return alone or (language in ORDINAL_LANGUAGES and not starts and not following[:1].isdigit())
    if small in ("a.m", "p.m"):
        return following[:1].isdigit()
    return (small in sometimes or (bool(_INITIAL.fullmatch(word)) and word[0].isupper())) and not starts


def _ends(text: str, found: re.Match[str], start: int, language: str) -> bool:
    mark, after = found.group(), text[found.end() : found.end() + 60]
    if mark == "\n":
        return True
    if mark[0] in "。！？｡．":
        return not (mark[-1] in "」』”’）》]" and _SAID.match(after))
    if after.lstrip(" \t\xa0")[:1] in ("\n", ""):
        return True
    begins = _BEGINS.match(after.lstrip())
    if begins and begins[1].islower():
        return False
    single = mark[0] == "." and not mark.startswith("..")
    return not (single and mark == "." and _goes_on(text[start : found.start()], after.lstrip(), language))


def spans(text: str, language: str = "") -> Iterator[tuple[int, int]]:
    """Start and end of each sentence; the language (ISO 639-1) is detected where none is given."""
    language, start = language or detect_language([text]), 0
    for found in _END.finditer(text):
        if not _ends(text, found, start, language):
            continue
        piece = text[start : found.end()]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = found.end()
    if text[start:].strip():
        rest = text[start:]
        yield start + len(rest) - len(rest.lstrip()), start + len(rest.rstrip())


def sentences(text: str, language: str = "") -> list[str]:
    """The sentences of a text in order.

    >>> sentences("Dr. Calloway met J. Smith. She may hold a ship.")
    ['Dr. Calloway met J. Smith.', 'She may hold a ship.']
    """
    return [text[start:end] for start, end in spans(text, language)]


def sentence_around(text: str, start: int, end: int, language: str = "") -> str:
    """The sentences that hold the characters from `start` to `end`, as one quote; looks 2,000 characters around."""
    low = max(0, start - 2000)
    around = spans(text[low : end + 2000], language)
    touched = [span for span in around if span[0] + low < end and span[1] + low > start]
    return text[low + touched[0][0] : low + touched[-1][1]] if touched else text[start:end]
