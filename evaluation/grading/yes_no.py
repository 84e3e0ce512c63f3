"""Questions whose accepted answer begins with yes or no: the word that a reply begins with decides."""

import re
from collections.abc import Sequence
from functools import cache

from evaluation.grading.languages import table
from evaluation.grading.refusals import sentence
from evaluation.grading.values.plain import plain

_PREAMBLE = re.compile(
    r"^(?:answer|the (?:short |correct )?answer is|antwort|reponse|respuesta|risposta|odpowiedz)\W+", re.I
)
_ASKS = re.compile(r"(?:ます|です|ました|でした|る|た|い)か[。？?]*\s*$")
_NEGATIVE = re.compile(r"ません|ない|なかった")
_POLITE = re.compile(r"(?:ます|ません|でした|です|ない|なかった|よ|ね)$|[はがをにもで、]")
_SMALL = frozenset(re.findall(r"\w+", (
    "it is are was were do does did has have had can could may must will would should be been there that this they he "
    "she you i we the a an so for in on at of to as any one"
)))  # fmt: skip


@cache
def _leads(code: str) -> dict[str, bool]:
    found = {word: True for word in table("en")["yes"]} | {word: False for word in table("en")["no"]}
    words = table(code)
    return found | {plain(w): True for w in words.get("yes", ())} | {plain(w): False for w in words.get("no", ())}


def lead(text: str, code: str = "en") -> tuple[bool | None, bool]:
    """What the first word says (None: neither yes nor no), and whether it stands alone or before a comma."""
    said = _PREAMBLE.sub("", plain(text).casefold().strip(" \n\"'(*.:"))
    leads = _leads(code)
    for phrase in sorted(leads, key=len, reverse=True):
        rest = said[len(phrase) :]
        spaced = phrase.isascii()
        if said.startswith(phrase) and not (spaced and rest[:1].isalnum()):
            rest = rest.strip(" 。.!！") if spaced else rest.strip("。.!！です")
            return leads[phrase], not rest or not rest[0].isalnum()
    return None, False


def _is_plain(answer: str, code: str) -> bool:
    """Whether an accepted answer begins with the usual word; "right" is an answer to other questions too."""
    usual = {"yes", "no", "true", "false", *(w for kind in ("yes", "no") for w in table(code).get(kind, ())[:2])}
    first = re.match(r"\w+", plain(answer).casefold())
    return first is not None and (
        first[0] in usual or any(not word.isascii() and answer.startswith(word) for word in usual)
    )


def _denies(said: Sequence[str], code: str) -> bool:
    denials = {*table("en")["not"], *table(code).get("not", ())}
    return bool(denials & set(said)) or any(
        word in said for word in ("false", "untrue", "incorrect", "wrong", "optional")
    )


def decide(question: str, answers: Sequence[str], reply: str, code: str = "en") -> bool | None:
    """Whether the reply is right; None where the accepted answers are no yes or no, or the reply leaves it open.

    "It is not required." is no where the question asks "Is it required?", and all other words are the question's.
    """
    wanted = [lead(answer, code) if _is_plain(answer, code) else (None, False) for answer in answers]
    if not wanted or not all(polarity is not None and alone for polarity, alone in wanted):
        return None
    yes = wanted[0][0]
    if any(polarity is not yes for polarity, _ in wanted):
        return None
    bare = any(len(sentence(answer).split()) <= 1 or not sentence(answer).isascii() for answer in answers)
    said, alone = lead(reply, code)
    if said is not None and (alone or said is not yes or len(sentence(reply).split()) > 2):
        return False if said is not yes else (True if bare else None)
    if code == "ja" and bare and said is None:
        return None if (told := _predicate(question, reply)) is None else told is yes
    words, asked = sentence(reply).split(), set(sentence(question).split())
    if not bare or not words:
        return None
    if len(words) <= 4 and {"true", "correct", "right"} & set(words) and not _denies(words, code):
        return yes
    if _denies(list(asked), code):
        return None
    if _denies(words, code):
        return False if yes else True if _is_repeated(words, asked, code) else None
    return bool(yes) if _is_repeated(words, asked, code) else None


def _predicate(question: str, reply: str) -> bool | None:
    """What a Japanese reply says that only repeats the predicate asked: できます, 入館できません; None for others."""
    said = re.sub(r"[\W_]", "", plain(reply))
    core = _POLITE.sub("", said)
    if not _ASKS.search(question) or _NEGATIVE.search(_ASKS.sub("", question)) or not core:
        return None
    return not _NEGATIVE.search(said) if all(letter in question for letter in core) else None


def _is_repeated(words: Sequence[str], asked: set[str], code: str) -> bool:
    """Whether a reply has no content word of its own."""
    known = asked | _SMALL | {*table("en")["not"], *table(code).get("not", ())}
    return all(word in known for word in words) and any(word in asked - _SMALL for word in words)
