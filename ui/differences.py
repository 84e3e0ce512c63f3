"""Two answers word by word: what only the first says is struck out, what only the second says is underlined."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from html import escape
from typing import Literal

Kind = Literal["same", "gone", "new"]
_WORD = re.compile(r"\s*\S+")
_TAGS = {"same": ("", ""), "gone": ("<del>", "</del>"), "new": ("<ins>", "</ins>")}


def words_of_both(before: str, after: str) -> Iterator[tuple[Kind, str]]:
    """Runs of words, each with the space before it, as one reads from the first text to the second."""
    old, new = _WORD.findall(f" {before.strip()}"), _WORD.findall(f" {after.strip()}")
    compared = SequenceMatcher(None, [w.strip() for w in old], [w.strip() for w in new], autojunk=False)
    for kind, a, b, c, d in compared.get_opcodes():
        if kind == "equal":
            yield "same", "".join(new[c:d])
            continue
        if b > a:
            yield "gone", "".join(old[a:b])
        if d > c:
            yield "new", "".join(new[c:d])


def differences(before: str, after: str) -> str:
    """The same as HTML; both texts are escaped."""
    pieces = []
    for kind, text in words_of_both(before, after):
        start, end = _TAGS[kind]
        space = text[: len(text) - len(text.lstrip())]
        pieces.append(f"{escape(space)}{start}{escape(text.lstrip())}{end}")
    return f'<div class="words">{"".join(pieces).strip()}</div>'
