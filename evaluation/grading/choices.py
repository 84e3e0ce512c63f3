"""Multiple choice: the accepted answer is a letter, and the letter that a reply chooses decides."""

import re
from collections.abc import Sequence

from evaluation.grading.values.plain import plain

_WANTED = re.compile(r"\W*(?:option|choice|answer)?\W*([A-Za-z])\W*", re.IGNORECASE)
_FIRST = re.compile(
    r"\W*(?:the )?(?:correct |right |best )?(?:answer|option|choice)?(?: is)?\W*([A-Z])(?:[.):]|\W*$)", re.I
)
_LETTER = re.compile(r"(?<![\w'])([A-Z])(?![\w'])(?! (?!is\b|and\b|or\b|because\b|as\b|but\b)[a-z])")


def choose(answers: Sequence[str], reply: str) -> bool | None:
    """Whether a reply chooses the accepted letter: "A", "(A)", "A. Blue whale", "Option A"; None where that is open."""
    wanted = [_WANTED.fullmatch(plain(answer)) for answer in answers]
    letters = {found[1].upper() for found in wanted if found}
    if not wanted or not all(wanted):
        return None
    said = plain(reply).strip()
    if first := _FIRST.match(said):
        return first[1].upper() in letters
    chosen = set(_LETTER.findall(said)) - ({"I"} - letters)
    return chosen <= letters if chosen else None
