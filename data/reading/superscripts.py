"""Raised and lowered characters as plain text: 10^6 and m^2, H2O and x_1, a footnote mark as [1]."""

import re
from collections.abc import Collection

_PLAIN = re.compile(r"st|nd|rd|th|er|re|ème|nde?|[oaºª°]|TM|SM|[™®©]", re.IGNORECASE)  # 1st, M^me, Word™
_MARK = re.compile(r"[\[(]?(?:\d{1,3}(?:\s?[,–-]\s?\d{1,3})*|[*†‡§¶]{1,3}|[a-z])[\])]?")
_EXPONENT = re.compile(r"[+−–-]?[\w.,/+−–-]{1,12}")
_UNITS = frozenset((
    "km", "cm", "mm", "dm", "nm", "µm", "ft", "in", "yd", "mi", "ha", "min", "mol", "kg", "mg", "lb", "hr",
    "sec", "cd", "Hz", "Pa", "day",
))  # fmt: skip
_LONG = 12  # characters; more is a remark, no index


def _last_word(before: str) -> str:
    word = re.search(r"[^\s/·*×=(\[]*$", before[-40:])
    return word[0] if word else ""


def _takes_power(last: str) -> bool:
    """Whether an exponent can stand after this: a number, a unit, one or two variables, a bracket; but not a word."""
    return last[-1:].isdigit() or last[-1:] in tuple(")]|}") or (last.isalpha() and (len(last) < 3 or last in _UNITS))


def raised(before: str, content: str, is_note: bool = False, notes: Collection[str] = ()) -> str:
    """How a superscript is written after `before`; `is_note` where it is known to be one, `notes`: marks of footnotes.

    >>> [raised("10", "6"), raised("20 m", "2"), raised("1", "st"), raised("pounds", "3"), raised("42", "1", notes="1")]
    ['^6', '^2', 'st', ' [3]', ' [1]']
    """
    content = content.strip()
    bare = content.strip("[]() ")
    if not bare:
        return content
    if not before.strip():
        return f"[{bare}] " if _MARK.fullmatch(content) else content
    if is_note or (_MARK.fullmatch(content) and not bare.isalnum()):
        return f" [{bare}]"
    last = _last_word(before)
    if bare in notes and _MARK.fullmatch(content) and not (last == "10" or last in _UNITS or len(last) == 1):
        return f" [{bare}]"
    if _PLAIN.fullmatch(content) and before[-1].isalnum():
        return content
    if before[-1].isalpha() and content.isalpha() and len(bare) > 1:  # of a word: M^lle
        return content
    if _MARK.fullmatch(content) and not _takes_power(last):
        return f" [{bare}]"
    if len(content) > _LONG or not _EXPONENT.fullmatch(content):
        return f" ({content})"
    return f"^{content}"


def lowered(before: str, content: str) -> str:
    """How a subscript is written after `before`.

    >>> ["H" + lowered("H", "2") + "O", "x" + lowered("x", "1"), "log" + lowered("log", "2")]
    ['H2O', 'x_1', 'log_2']
    """
    content = content.strip()
    if not content or not before.strip():
        return content
    if len(content) > _LONG or " " in content:
        return f" ({content})"
    formula = content.isdigit() and re.search(
        r"(?:[A-Z][a-z]?|[)\]])$", before[-3:]
    )  # as chemistry is written in plain text
    return content if formula else f"_{content}"
