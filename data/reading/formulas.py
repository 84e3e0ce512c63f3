"""Formulas in one line of plain text: x^2, a_1, (a + b)/(c), from MathML (web pages) and OMML (Word)."""

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborNode

_DEEPEST = 60
_WORD = re.compile(r"[\w.]+")
_MATHML = {"msup": "^", "msub": "_", "mfrac": "/"}
_OMML = {"sSup": "^", "sSub": "_", "f": "/"}


def _joined(sign: str, parts: list[str]) -> str:
    return sign.join(part if _WORD.fullmatch(part) else f"({part})" for part in parts)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def mathml(node: LexborNode, depth: int = 0) -> str:
    """The formula of a `<math>` element."""
    if node.tag == "-text":
        return (node.text_content or "").strip()
    if node.tag in ("annotation", "annotation-xml") or depth > _DEEPEST:
        return ""
    parts = [part for child in _children(node) if (part := mathml(child, depth + 1))]
    if node.tag in _MATHML and len(parts) == 2:
        return _joined(_MATHML[node.tag], parts)
    return f"√({' '.join(parts)})" if node.tag == "msqrt" else " ".join(parts)


def omml(element: Any, depth: int = 0) -> str:
    """The formula of an `m:oMath` element (lxml)."""
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if name == "t":
        return element.text or ""
    if depth > _DEEPEST or name.endswith("Pr"):
        return ""
    parts = [part for child in element if (part := omml(child, depth + 1))]
    if name in _OMML and len(parts) == 2:
        return _joined(_OMML[name], parts)
    if name == "sSubSup" and len(parts) == 3:
        return f"{parts[0]}_{parts[1]}^{parts[2]}"
    if name == "rad":
        return f"√({parts[-1]})" if parts else ""
    if name == "d":
        return f"({', '.join(parts)})"
    return "".join(parts)
