"""A word that the end of a line breaks: joined, or with its hyphen where it has one in the middle of a line, too."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from data.language import EAST_ASIAN, detect_language

_WORD = re.compile(r"\w+(?:-\w+)*")
_LEFT, _RIGHT = re.compile(r"([\w-]+)-$"), re.compile(r"[\w-]+")
_NO_SPACE = re.compile(f"[{EAST_ASIAN}]{{2}}")  # a line's end between these is no space
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "ru")  # of pyspellchecker


@lru_cache(maxsize=2)
def _dictionary(language: str) -> Any:
    from spellchecker import SpellChecker

    return SpellChecker(language=language) if language in _LANGUAGES else ()


class Hyphens:
    """Decides by the words of one document, and where it does not say, by a dictionary of its language."""

    def __init__(self, lines: Iterable[str]) -> None:
        lines = list(lines)
        self.words = Counter(word.lower() for line in lines for word in _WORD.findall(line))
        self.language = detect_language(lines)

    def _keeps(self, left: str, right: str) -> bool:
        """Whether left-right is written with its hyphen."""
        with_hyphen, without = f"{left}-{right}".lower(), (left + right).lower()
        if self.words[with_hyphen] != self.words[without]:
            return self.words[with_hyphen] > self.words[without]
        if not right[0].islower() or not left[-1].isalpha():
            return True
        last, first = left.rpartition("-")[2].lower(), right.partition("-")[0].lower()
        known = _dictionary(self.language)
        both = last in known and first in known
        if (last + first in known and not (both and "-" in left)) or not both:
            return False
        return "-" in left or min(len(last), len(first)) > 2

    def join(self, first: str, second: str) -> str:
        """Two lines as one."""
        broken, rest = _LEFT.search(first[-80:]), _RIGHT.match(second)
        if first.endswith("\xad"):
            return first.rstrip("\xad") + second
        if not broken or not rest:
            return f"{first}{'' if _NO_SPACE.search(first[-1:] + second[:1]) else ' '}{second}"
        return first + second if self._keeps(broken[1], rest[0]) else first[:-1] + second
