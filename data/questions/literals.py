"""Lists and records that Python or numpy printed into a cell; neighbours need no comma: `['a' 'b']`, `array([…])`.

`ast.literal_eval` would join such neighbours to one text, and nest without a limit.
"""

import re
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>[bu]?'(?:[^'\\]|\\.)*'|[bu]?"(?:[^"\\]|\\.)*")|(?P<number>[-+]?(?:\d[\w.+-]*|\.\d+))"""
    r"""|(?P<word>None|nan|True|False|null|true|false)\b|(?P<open>(?:array|list|set|frozenset)?\s*\(|\[|\{)"""
    r"""|(?P<close>[\])}])|(?P<colon>:)|(?P<skip>,|dtype=[\w<>'"]+))""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_WORDS = {"None": None, "nan": None, "null": None, "True": True, "true": True, "False": False, "false": False}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_DEPTH = 20  # of lists in lists
_COLON = object()


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])


def _value(kind: str, text: str) -> Any:
    if kind == "text":
        return _ESCAPE.sub(_unescaped, text.lstrip("bu")[1:-1])
    return _WORDS[text] if kind == "word" else text.removesuffix(".")


def _closed(opened: str, parts: list[Any]) -> Any:
    """The value of a bracket that closes. Raises ValueError where its parts are none."""
    if opened == "{" and _COLON in parts:
        if len(parts) % 3 or any(part is not _COLON for part in parts[1::3]):
            raise ValueError("a record without values")
        return {str(key): value for key, value in zip(parts[::3], parts[2::3], strict=True)}
    if _COLON in parts:
        raise ValueError("a colon in a list")
    if opened not in _PAIRS:  # array([…]): what it is made of
        return parts[0] if parts and isinstance(parts[0], list) else []
    return parts


def literal(text: str) -> Any:
    """The list or record that is printed there.

    Raises:
        ValueError: it is none, or only a part of one: numpy leaves out the middle of a long list.
    """
    text, at = text.strip(), 0
    stack: list[tuple[str, list[Any]]] = [("", [])]
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or len(stack) > _DEPTH:
            raise ValueError("not a list")
        at, kind = found.end(), str(found.lastgroup)
        if kind == "open":
            stack.append((re.sub(r"\s", "", found[kind]), []))
        elif kind == "close":
            opened, parts = stack.pop()
            if not stack or _PAIRS[opened[-1:]] != found[kind]:
                raise ValueError("brackets that do not match")
            stack[-1][1].append(_closed(opened, parts))
        elif kind == "colon":
            stack[-1][1].append(_COLON)
        elif kind != "skip":
            stack[-1][1].append(_value(kind, found[kind]))
    whole = stack[0][1]
    if len(stack) != 1 or len(whole) != 1 or not isinstance(whole[0], list | dict):
        raise ValueError("not one list")
    return whole[0]
