"""Names, numbers and codes that occur nowhere in the documents, and whether a reply says one of them."""

import random
import re

from rapidfuzz.distance import Levenshtein

from data.text_cleaning import clean_text
from evaluation.canary.phrases import Kind

_ONSETS = ("b", "br", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "kr", "l", "m", "n", "p", "pl", "pr",
           "r", "s", "sk", "st", "t", "tr", "v", "w", "z")  # fmt: skip
_VOWELS, _ENDS = tuple("aeiou"), tuple(["l", "m", "n", "r", "s", "t", "x", "nd", "lm", "rk"])
_APART = 3  # letters in which two names differ at least, so that no reply means the other one
_GROUPED = re.compile(r"(?<=\d)[ .,'’_](?=\d{3}(?!\d))")
_TRIES = 10_000


class Inventor:
    """Makes words up by seed. Each is given once, and none stands in the texts.

    Raises:
        ValueError: the texts hold so many words that no new one is found.
    """

    def __init__(self, texts: str, seed: int) -> None:
        self._draw, self._there = random.Random(f"canaries {seed}"), texts.casefold()
        self._numbers = {re.sub(r"\D", "", found) for found in re.findall(r"\d[\d .,'’]*", texts)}
        self._names: list[str] = []
        self._values: set[str] = set()

    def name(self) -> str:
        """A word of three syllables that can be spoken."""
        for _ in range(_TRIES):
            syllables = [self._draw.choice(_ONSETS) + self._draw.choice(_VOWELS) for _ in range(3)]
            name = ("".join(syllables) + self._draw.choice(_ENDS)).capitalize()
            far = all(Levenshtein.distance(name, other) >= _APART for other in self._names)
            if far and name[:5].casefold() not in self._there:
                self._names.append(name)
                return name
        raise ValueError("no name was found that the documents do not hold already")

    def value(self, kind: Kind) -> str:
        """What a question of this kind asks for."""
        if kind == "person":
            return self.name()
        for _ in range(_TRIES):
            number = str(self._draw.randrange(1_103, 9_898))
            if number in self._numbers or number in self._values or number in self._there or number.endswith("00"):
                continue
            self._values.add(number)
            return number if kind == "number" else f"{self._letters()}-{number}"
        raise ValueError("no number was found that the documents do not hold already")

    def _letters(self) -> str:
        return "".join(self._draw.sample("BCDFGHJKLMNPRSTVWXZ", 2))


def says(reply: str, value: str) -> bool:
    """Whether a reply holds a value as a word of its own, however its thousands are grouped.

    >>> says("It holds 4,718 entries.", "4718"), says("It holds 14718.", "4718")
    (True, False)
    """
    said, wanted = (_GROUPED.sub("", clean_text(text)).casefold() for text in (reply, value))
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", said))
