"""JSON with its own digest inside, so that a file that was changed is told from one that was written."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.files import write_json

_SEAL = "record_sha256"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object of JSON values with the digest of its content."""
    write_json(path, dict(content) | {_SEAL: _digest(content)})


def read_sealed(path: Path) -> dict[str, Any]:
    """The object as it was written.

    Raises:
        OSError: there is no such file.
        ValueError: it is damaged.
    """
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict) or content.pop(_SEAL, None) != _digest(content):
        raise ValueError(f"{path}: damaged")
    return content
