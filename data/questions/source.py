"""A question file as rows, whatever it is written in, and what was left out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.files import read_bytes
from data.findings import Finding, note, warning
from data.reading.decoding import decode

MAX_BYTES = 512 * 2**20  # of a file of questions; a larger one is a corpus


@dataclass(frozen=True)
class Row:
    """One record of a file. `place`: where it stands, for people ("line 7", "item 3"); `number`: that as a number."""

    number: int
    place: str
    fields: Mapping[str, Any]


@dataclass
class Material:
    """Documents (name: text) and questions (in the domain's form) from one source, and what a person should know."""

    documents: dict[str, str] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[Finding] = field(default_factory=list)  # one a row that cannot be a question
    doubles: list[Finding] = field(default_factory=list)  # one a row that asks what a row before it asks
    notes: list[Finding] = field(default_factory=list)

    def leave_out(self, path: Path, place: str, reason: object) -> None:
        """Name a row that does not become a question."""
        where = f"{path}, {place}" if place else str(path)
        self.left_out.append(warning(where, f"left out: {reason}", "Fix the row and import the file again."))

    def say(self, path: Path, sentence: str, remedy: str = "") -> None:
        self.notes.append(note(str(path), sentence, remedy))


def read_source(path: Path, material: Material) -> str:
    """The text of a question file; a note says where it is in neither UTF-8 nor UTF-16.

    Raises:
        TriviumError: no regular file, too large, or not text.
    """
    raw = read_bytes(path, MAX_BYTES)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start
    try:
        text, told = decode(raw)
    except ValueError as error:
        raise TriviumError(f"{path}: not UTF-8 text (byte {at}); {error}. Save it as UTF-8.") from error
    if not raw.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\x00" not in raw[:4]:
        material.say(
            path, told or "not UTF-8; its encoding was told by its letters", "Look at accents and currency signs."
        )
    return text
