"""What stands in one cell or field: a text, a list in any spelling, a truth value, a name, or nothing."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.questions.literals import literal
from data.text_cleaning import clean_text

_MISSING = frozenset({"nan", "null", "<na>", "#n/a", "nat"})  # how tables write that there is no value
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})


def is_missing(value: Any) -> bool:
    """Whether a cell holds no value: None, blank, NaN, or the word that tables write for it."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return True
    return isinstance(value, str) and (not value.strip() or value.strip().lower() in _MISSING)


def is_lost(value: Any) -> bool:
    """Whether a value was there once: NaN, or its word in a table. Blank and None say that there is none."""
    return is_missing(value) and value is not None and not (isinstance(value, str) and not value.strip())


def text_of(value: Any) -> str:
    """One value as text, cleaned: 7.0, which a table makes of 7 beside an empty cell, is "7"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, Mapping | list | tuple):
        return clean_text(json.dumps(value, ensure_ascii=False))
    return clean_text(str(value)).strip()


_LIST = re.compile(
    r"(?:array\s*\(|list\s*\(|\()?\s*\[\s*(?:['\"\[{(\]]|[bu]['\"]|array|[-+]?\d|None\b|nan\b|null\b|true\b|false\b)"
)
_SURELY = re.compile(r"(?:array\s*\(|list\s*\(|\()?\s*\[\s*['\"{]|\{\s*['\"]\w+['\"]\s*:")
_RECORD = re.compile(r"\{\s*['\"]")


def parsed(value: Any) -> Any:
    """A list or record that is written as text; anything else as it is.

    Raises:
        ValueError: it begins as a list does and cannot be read to its end.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not _LIST.match(text) and not _RECORD.match(text):
        return value
    for read in (json.loads, literal):
        try:
            return read(text)
        except (ValueError, RecursionError):
            continue
    if _SURELY.match(text):
        raise ValueError(f"it holds a list that cannot be read: {text[:60]}{'…' if len(text) > 60 else ''}")
    return value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):  # {"text": […], "answer_start": […]} or {"value": …, "aliases": […]}
        inner = [value[key] for key in ("text", "value", "content", "aliases") if key in value]
        if not inner:
            raise ValueError(f"it holds a record without a text ({', '.join(map(str, value))[:60]})")
        for part in inner:
            yield from _flat(part)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def texts(value: Any) -> list[str]:
    """Accepted forms, names and the like: a list in any spelling, or forms in one text separated by ' | '.

    Zero and false are values; None, NaN and blank texts are none.

    >>> texts("['quay' 'slip']"), texts("quay | slip"), texts([0, None, ""])
    (['quay', 'slip'], ['quay', 'slip'], ['0'])
    """
    content = parsed(value)
    if isinstance(content, str):
        parts: Iterable[Any] = [] if is_missing(content) else content.split(" | ")
    else:
        parts = (part for part in _flat(content) if part is not None and not _is_nan(part))
    return list(dict.fromkeys(text for part in parts if (text := text_of(part))))


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


@dataclass(frozen=True)
class Context:
    """A text that came with a question, with its title where it had one."""

    text: str
    title: str = ""


_TITLES = ("title", "name", "document_title", "doc_title")
_TEXTS = ("text", "content", "page_content", "paragraph_text", "sentences", "context", "passage", "body", "contents")


def _joined(value: Any) -> str:
    parts = [text_of(part) for part in _flat(value) if not is_missing(part)]
    return " ".join(part for part in parts if part)


def _contexts(value: Any) -> Iterator[Context]:
    if isinstance(value, Mapping):
        lowered = {str(key).lower(): part for key, part in value.items()}
        title = next((lowered[key] for key in _TITLES if key in lowered), "")
        text = next((lowered[key] for key in _TEXTS if key in lowered), None)
        if isinstance(title, list) and isinstance(text, list):  # columns instead of records
            for one, other in zip(title, text, strict=False):
                yield Context(_joined(other), text_of(one))
        elif text is not None:
            yield Context(_joined(text), "" if is_missing(title) else text_of(title))
    elif isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], list | tuple):  # [title, [sentences]]
            yield Context(_joined(value[1]), text_of(value[0]))
        else:
            for part in value:
                yield from _contexts(part)
    elif not is_missing(value):
        yield Context(text_of(value))


def contexts(value: Any) -> list[Context]:
    """Contexts: prose or a table in one text is one of them; lists, pairs of title and sentences, and records."""
    return [context for context in _contexts(parsed(value)) if context.text]


def truth(value: Any) -> bool | None:
    """True, false, or None where nothing is said.

    Raises:
        ValueError: it is neither.
    """
    if is_missing(value):
        return None
    text = text_of(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"'{text[:40]}' is neither true nor false")


def identifier(value: Any) -> str:
    """An id as text; empty where there is none."""
    text = "" if is_missing(value) else " ".join(text_of(value).split())
    return text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text
