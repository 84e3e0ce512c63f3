"""Sentences of a text, each an exact quote from it."""

import re
from collections.abc import Iterator

# A sentence ends at a full stop, question or exclamation mark before space and a capital, a digit or a quotation mark,
# unless a title or an initial stands before the stop. Good enough for prose in English; lines end sentences too.
_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[A-ZÀ-Þ0-9\"'“‘(\[])|\n\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|Prof|Rev|Capt|Col|Gen|Lt|Jr|Sr|vs|etc|e\.g|i\.e|approx|Inc|Ltd|Co)|^[A-Z])\.$"
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence."""
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.start()]
        if "\n" not in end.group() and _ABBREVIATION.search(piece):
            continue
        if piece.strip():
            yield start, end.start() + len(end.group().rstrip())
        start = end.end()
    if text[start:].strip():
        yield start, len(text.rstrip())


def sentences(text: str) -> list[str]:
    """The sentences of a text in order.

    >>> sentences("Dr. Calloway is ashore. She may hold a ship.")
    ['Dr. Calloway is ashore.', 'She may hold a ship.']
    """
    return [text[start:end] for start, end in spans(text)]


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentences that hold the characters from `start` to `end`, as one quote; looks 2,000 characters around."""
    low = max(0, start - 2000)
    touched = [span for span in spans(text[low : end + 2000]) if span[0] + low < end and span[1] + low > start]
    return text[low + touched[0][0] : low + touched[-1][1]] if touched else text[start:end]
