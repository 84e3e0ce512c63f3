"""Opposites beside the same value: at least and at most, before and after, with and without."""

import re
from functools import cache, lru_cache

from evaluation.grading.languages import either, table
from evaluation.grading.refusals import sentence

_Pair = tuple[re.Pattern[str], re.Pattern[str]]
_PREFIXES = ("un", "in", "im", "non", "dis", "il", "ir")
_SMALL = frozenset(["the", "a", "an", "of", "in", "on", "by", "to", "for", "it", "is", "was", "they", "er"])
_COMPARED = r"(?:more|greater|longer|larger|higher|fewer|less|shorter|smaller|lower|older)"
_STRICT = re.compile(rf"\b({_COMPARED} than|over|above|under|below|exceed\w*)\b")
_STRICT_NOT = re.compile(rf"\b(no|not) ({_COMPARED}|exceed\w*)")


@cache
def _pairs(code: str) -> tuple[_Pair, ...]:
    """The two poles of every scale of a language; English for one without a table."""
    words = table(code) or table("en")
    edge = "" if code in ("ja", "zh") else r"\b"
    return tuple(
        (re.compile(rf"{edge}(?:{one}){edge}"), re.compile(rf"{edge}(?:{other}){edge}"))
        for one, other in words["opposites"]
    )


@cache
def _bounds(code: str) -> re.Pattern[str]:
    words = table(code) or table("en")
    edge = "" if code in ("ja", "zh") else r"\b"
    one, other = words["opposites"][0]
    return re.compile(rf"{edge}(?:{other}|{one}){edge}")


@cache
def _about(code: str) -> re.Pattern[str]:
    return (
        re.compile(rf"\b(?:{either(table(code).get('about', ()))})\b")
        if table(code).get("about")
        else re.compile("(?!)")
    )


def _poles(text: str, pair: _Pair) -> tuple[bool, bool]:
    """Whether a text has each pole; "no more than" is no "more than", so the longer phrase wins."""
    one, other = (list(pattern.finditer(text)) for pattern in pair)
    if not one or not other:
        return bool(one), bool(other)

    def inside(found: re.Match[str], others: list[re.Match[str]]) -> bool:
        return any(o.start() <= found.start() and found.end() <= o.end() and o.span() != found.span() for o in others)

    return any(not inside(f, other) for f in one), any(not inside(f, one) for f in other)


_accepted_poles = lru_cache(maxsize=65536)(_poles)  # each is asked for every reply to its question


def contradicts(question: str, answer: str, reply: str, code: str = "en") -> bool:
    """Whether the reply has the other pole of what the accepted answer has."""
    accepted, said, asked = sentence(answer), sentence(reply), sentence(question)
    if code in ("ja", "zh"):
        accepted, said, asked = (text.replace(" ", "") for text in (accepted, said, asked))
    for pair in _pairs(code):
        mine = _accepted_poles(accepted, pair)
        if mine[0] is mine[1]:
            continue
        theirs = _poles(said, pair)
        if theirs == (mine[1], mine[0]):
            in_question = _poles(asked, pair)
            if not _shares_the_rest(accepted, said, pair):
                continue
            if not in_question[0 if theirs[0] else 1] or all(in_question):
                return True
    return _negated_by_prefix(accepted, said)


def _shares_the_rest(accepted: str, said: str, pair: _Pair) -> bool:
    """Whether the reply has the numbers and half of the words that the accepted answer has beside its pole."""
    left = pair[1].sub(" ", pair[0].sub(" ", accepted))
    rest = set(left.split() if " " in said or said.isascii() else left.replace(" ", "")) - _SMALL
    shared = rest & set(said.split() if " " in said or said.isascii() else said)
    return {word for word in rest if word[0].isdigit()} <= shared and 2 * len(shared) >= len(rest)


def _negated_by_prefix(accepted: str, said: str) -> bool:
    """ "refundable" and "non-refundable", "limited" and "unlimited"."""
    ours, theirs = set(accepted.split()), set(said.split())
    for word in ours:
        if len(word) > 4 and word not in theirs and any(p + word in theirs and p not in ours for p in _PREFIXES):
            return True
        if word not in theirs and any(
            word == prefix + other for prefix in _PREFIXES for other in theirs - ours if len(other) > 4
        ):
            return True
    return False


def without_bounds(answer: str, reply: str, code: str = "en") -> list[str]:
    """Spellings of an accepted answer that a reply may have instead: without "about"; the value alone where both set
    the same bound to it ("at least 5 days" and "5 days or more")."""
    accepted, found = answer.casefold(), []
    shorter = _about(code).sub(" ", accepted)
    if shorter.strip() and shorter != accepted:
        found.append(shorter)
    bound, said = _bounds(code), reply.casefold()
    if bound.search(accepted) and bound.search(said):
        strict = [bool(_STRICT.search(text)) and not _STRICT_NOT.search(text) for text in (accepted, said)]
        if strict[0] is strict[1]:
            found.append(bound.sub(" ", accepted))
    return found
