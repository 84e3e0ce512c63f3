"""NASA and the National Aeronautics and Space Administration."""

import re

from evaluation.grading.values.words import words_of

SMALL = frozenset({"of", "and", "for", "in", "on"})


def is_abbreviation(answer: str, reply: str) -> bool:
    """Whether one writes in three or more capitals what the other spells out."""

    def initials(text: str) -> list[str]:
        return [word[0] for word in words_of(text) if word not in SMALL]

    def spelled_out(short: str, letters: list[str]) -> bool:
        return any("".join(letters[at : at + len(short)]) == short.casefold() for at in range(len(letters)))

    told = [word.replace(".", "") for word in re.findall(r"\b(?:[A-Z]\.?){3,}", reply)]
    spelled = "".join(initials(answer)) if told else ""
    return any(word.casefold() == spelled for word in told) or (
        len(answer) > 2 and answer.isupper() and answer.isalpha() and spelled_out(answer, initials(reply))
    )
