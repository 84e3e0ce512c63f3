"""JSON and pages with their own digest inside, so that a file that was changed is told from one that was written."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.files import encoded, read_bytes, write_json

_SEAL = "record_sha256"
_LARGEST = 2**28  # bytes of a file that are read
_COMMENT = re.compile(rb"<!-- sha256 ([0-9a-f]{64}) -->\n")
_LENGTH = len("<!-- sha256  -->\n") + 64


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object of JSON values with the digest of its content. Raises ValueError for NaN and infinity."""
    kept = jsonl.loads(json.dumps(content, allow_nan=False))  # keys and characters as they will be read
    write_json(path, kept | {_SEAL: _digest(kept)})


def unsealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content without its digest, or as it is where it has none.

    Raises:
        ValueError: the digest is that of another content.
    """
    kept = {key: value for key, value in content.items() if key != _SEAL}
    if _SEAL in content and content[_SEAL] != _digest(kept):
        raise ValueError("its digest does not fit, so it is not what was written")
    return kept


def read_sealed(path: Path) -> dict[str, Any]:
    """The object as it was written.

    Raises:
        TriviumError: there is no such regular file.
        ValueError: it is damaged.
    """
    content = json.loads(read_bytes(path, _LARGEST))
    if not isinstance(content, dict) or content.pop(_SEAL, None) != _digest(content):
        raise ValueError(f"{path}: damaged")
    return content


def sealed_page(text: str) -> str:
    """HTML or Markdown with its digest in a comment at its end."""
    return f"{text}<!-- sha256 {hashlib.sha256(encoded(text)).hexdigest()} -->\n"


def is_whole_page(path: Path) -> bool:
    """Whether a page is there and what was written; one without a digest, of an earlier version, cannot be told."""
    try:
        content = read_bytes(path, _LARGEST)
    except TriviumError:
        return False
    found = _COMMENT.fullmatch(content, max(0, len(content) - _LENGTH))
    return not found or found[1].decode() == hashlib.sha256(content[:-_LENGTH]).hexdigest()
