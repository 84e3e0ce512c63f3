"""Read one file: regular, of bounded size, cleaned of odd Unicode."""

import os
import stat
from pathlib import Path

from data.reading.forms import READERS, form_of, read_bytes_as_text
from data.reading.limits import MAX_BYTES, mebibytes
from data.reading.result import Reading
from data.text_cleaning import clean_text

_PLAIN_BYTES = 2**20


def regular_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file; pipes, devices and the like are not opened for reading.

    Raises:
        ValueError: it is no regular file, or has more than `limit` bytes.
        OSError: it cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        if status.st_size > limit:
            raise ValueError(f"it has {mebibytes(status.st_size)}, at most {mebibytes(limit)} are read; split it")
        content = file.read(limit + 1)  # files of /proc say that they are empty
        if len(content) > limit:
            raise ValueError(f"it has more than {mebibytes(limit)}; split it")
        return content


def _cleaned(reading: Reading) -> Reading:
    """What was read in one spelling of Unicode. Raises ValueError where it holds no text, or too much."""
    if len(reading.text) > MAX_BYTES:
        raise ValueError(f"it holds more than {mebibytes(MAX_BYTES)} of text; split it")
    text = clean_text(reading.text).strip()
    if not any(character.isalnum() for character in text):
        raise ValueError("; ".join(["it holds no text", *reading.notes]))
    return Reading(text, " ".join(clean_text(reading.title).split()), reading.notes)


def read_file(path: Path) -> Reading:
    """Text, title and notes of one file.

    Raises:
        ValueError: it cannot be read as text, is too large, or holds no text; the message says which.
        OSError: it cannot be opened.
    """
    return _cleaned(read_bytes_as_text(regular_bytes(path), path.suffix.lower()))


def read_plain_file(path: Path) -> Reading | None:
    """As `read_file` for a small text in UTF-8, which needs neither a library nor limits; None for every other file."""
    suffix = path.suffix.lower()
    if READERS.get(suffix) != "text":
        return None
    try:
        raw = regular_bytes(path, _PLAIN_BYTES)
        raw.decode("utf-8")
        if b"\x00" in raw or b"\x1b$" in raw or form_of(raw, suffix) != "text":
            return None
    except (ValueError, OSError):
        return None
    return _cleaned(read_bytes_as_text(raw, suffix))
