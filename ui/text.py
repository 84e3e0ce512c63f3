"""Text from documents and models, shown as text: never as markup of any kind."""

import re
from collections.abc import Iterable
from html import escape

MARK = '<mark style="background:#ffe08a;color:#1f1f1f">'  # readable in the light and the dark look
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&@])")


def plain(text: object) -> str:
    """For places that read Markdown (titles, captions, labels): every sign that could mean something is escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def marked(text: str, quotes: Iterable[str]) -> str:
    """HTML of the escaped text in which the quotes, where they stand, are marked.

    Args:
        quotes: taken word for word; where two overlap, the first that begins is marked.
    """
    wanted = sorted({quote for quote in quotes if quote.strip()}, key=len, reverse=True)
    pattern = "|".join(map(re.escape, wanted))
    pieces = re.split(f"({pattern})", text) if pattern else [text]
    shown = "".join(f"{MARK}{escape(piece)}</mark>" if piece in wanted else escape(piece) for piece in pieces)
    return f'<div style="white-space: pre-wrap; overflow-wrap: anywhere;">{shown}</div>'


def swatch(name: str, colour: str, mark: str = "") -> str:
    """HTML of a method's name beside a spot of its colour; text in the colour itself would be hard to read."""
    look = "display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.4em"
    spot = f'<span style="{look};background:{escape(colour)}"></span>'
    return f"{spot}<strong>{escape(name)}</strong> {escape(mark)}"
