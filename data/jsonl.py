r"""JSON Lines: one JSON value a line, and a line ends at "\n" and nowhere else (jsonlines.org).

`str.splitlines` also cuts at U+2028, U+2029 and U+0085, which stand unescaped inside JSON strings.
"""

import gc
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from data.checksum import has_checksum, with_checksum, without_checksum
from data.errors import TriviumError
from data.files import continued, encoded, regular_size, write_bytes

Model = TypeVar("Model", bound=BaseModel)

FIX = "Fix or delete the line."
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def dumps(row: Any) -> str:
    """One line, with its end. Raises ValueError for NaN and infinity, which JSON does not have."""
    text = row.model_dump_json() if isinstance(row, BaseModel) else json.dumps(row, ensure_ascii=False, allow_nan=False)
    return f"{text}\n"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value of JSON; write null")


def loads(text: str, constant: Callable[[str], Any] = _no_constant) -> Any:
    """One JSON value; half of a surrogate pair, which no file can hold, becomes U+FFFD.

    Args:
        constant: what "NaN", "Infinity" and "-Infinity" become; default: an error.

    Raises:
        ValueError: it is not JSON, nested too deep, or holds a number too long to read.
    """
    try:
        value = json.loads(text, parse_constant=constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not _SURROGATE.search(text):
        return value
    whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.loads(whole, parse_constant=constant)


@dataclass(frozen=True)
class Line:
    """One line of a file. `ended`: whether a line end follows; `remedy`: a sentence for whoever finds it damaged."""

    path: Path
    number: int
    raw: bytes
    ended: bool
    remedy: str = FIX

    @property
    def torn(self) -> bool:
        """Whether a kill may have cut it off: it has neither its end nor its checksum."""
        return not self.ended and not has_checksum(self.raw)

    def error(self, reason: object) -> TriviumError:
        """What is wrong with this line, as a sentence that names file and line."""
        return TriviumError(f"{self.path}, line {self.number}: {reason}. {self.remedy}")

    def text(self) -> str:
        """Without its checksum. Raises TriviumError where that does not fit, or where it is not UTF-8."""
        try:
            return without_checksum(self.raw).decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise self.error(f"not UTF-8 text (byte {error.start + 1} of the line); save the file as UTF-8") from error
        except ValueError as error:
            raise self.error(error) from error

    def value(self, constant: Callable[[str], Any] = _no_constant) -> Any:
        """The JSON value. Raises TriviumError that names file and line."""
        try:
            return loads(self.text(), constant)
        except JSONDecodeError as error:
            raise self.error(f"not valid JSON ({error.msg}, column {error.colno})") from error
        except ValueError as error:
            raise self.error(f"not valid JSON ({error})") from error

    def model(self, kind: type[Model]) -> Model:
        """The line as a record. Raises TriviumError that names file, line and field."""
        try:
            text = self.text()
            return kind.model_validate(self.value()) if _SURROGATE.search(text) else kind.model_validate_json(text)
        except ValidationError as error:
            raise self.error(problem(error)) from error


def field(error: ValidationError) -> str:
    """The place of the first thing that is wrong, on one line: a name in a damaged file may hold a line break."""
    return _on_one_line(".".join(str(part) for part in error.errors()[0]["loc"]))


def _on_one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def problem(error: ValidationError) -> str:
    """The first thing that is wrong, with its field."""
    first, place = error.errors()[0], field(error)
    text = _on_one_line(first["msg"].removeprefix("Value error, "))
    return f"'{place}': {text}" if place else text


def lines(path: Path, remedy: str = FIX) -> Iterator[Line]:
    """Lines that are not blank, numbered from 1.

    Args:
        remedy: what can be done where one is damaged, as a sentence.

    Raises:
        TriviumError: there is no such regular file.
    """
    regular_size(path)
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield Line(path, number, raw.rstrip(b"\r\n"), raw.endswith(b"\n"), remedy)


def lines_of(path: Path, content: bytes) -> Iterator[Line]:
    """The same for content that was read from `path` before."""
    for number, raw in enumerate(content.split(b"\n"), 1):
        if raw.strip():
            yield Line(path, number, raw.rstrip(b"\r"), ended=True)


def read(path: Path) -> list[Any]:
    """All values of a file; none where there is no file.

    Raises:
        TriviumError: a line is damaged; names file and line.
    """
    return [line.value() for line in lines(path)] if path.exists() else []


def read_objects(path: Path) -> list[dict[str, Any]]:
    """All objects of a file; none where there is no file.

    Raises:
        TriviumError: a line is damaged or holds another value; names file and line.
    """
    found = []
    for line in lines(path) if path.exists() else ():
        row = line.value()
        if not isinstance(row, dict):
            raise line.error("it is no JSON object")
        found.append(row)
    return found


def read_whole(path: Path) -> list[Any]:
    """Values up to the first damaged line: for what is only shown and can be missed."""
    found: list[Any] = []
    with suppress(TriviumError):
        for line in lines(path):
            found.append(line.value())
    return found


@contextmanager
def _no_collection() -> Iterator[None]:
    """While this is open, Python looks for no garbage in cycles: among 10,000 new records, all kept, that is 3/4 of the
    time of reading them, and there is none.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_collection()
def read_models(path: Path, kind: type[Model], torn: bool = False, remedy: str = FIX) -> list[Model]:
    """All records of a file; none where there is no file.

    Args:
        torn: drop a last line that a kill left of an append in silence.
        remedy: what can be done where a line is damaged, as a sentence.

    Raises:
        TriviumError: another line is damaged; names file and line.
    """
    if not path.exists():
        return []
    regular_size(path)
    found = []
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            content = raw.rstrip(b"\r\n")
            try:
                found.append(kind.model_validate_json(without_checksum(content)))
            except ValueError:  # only what cannot be read at once is looked at closely
                line = Line(path, number, content, raw.endswith(b"\n"), remedy)
                if content.strip() and not (torn and line.torn):
                    found.append(line.model(kind))
    return found


def text_of(rows: Iterable[Any]) -> str:
    """The content of a file with these rows."""
    return "".join(map(dumps, rows))


def _content(rows: Iterable[Any], checked: bool) -> bytes:
    """The same as bytes; if `checked`, the rows are objects, and each line has its checksum."""
    written = (encoded(dumps(row)) for row in rows)
    return b"".join(map(with_checksum, written) if checked else written)


def write(path: Path, rows: Iterable[Any], checked: bool = False) -> None:
    """Replace the file by these rows, whole or not at all."""
    write_bytes(path, _content(rows, checked))


def _kept(path: Path) -> tuple[int | None, bytes]:
    """How many bytes of the file stay (None: all), and what must stand before the next line."""
    if not path.exists() or not (size := regular_size(path)):
        return None, b""
    with path.open("rb") as file:
        file.seek(size - 1)
        if file.read() == b"\n":
            return None, b""
        file.seek(0)
        content = file.read()
    start = content.rfind(b"\n") + 1
    last = Line(path, content.count(b"\n") + 1, content[start:], ended=False)
    try:
        last.value()
    except TriviumError:
        if last.torn:
            return start, b""
        raise
    return None, b"\n"  # whole, written by hand without a line end


def append(path: Path, rows: Iterable[Any], sync: bool = True, checked: bool = False) -> None:
    """Add rows in one write; a torn last line is cut off before.

    Args:
        sync: the rows are on the disk when this returns. Not needed for what is only watched.
        checked: each line gets its checksum.

    Raises:
        TriviumError: the last line is damaged, and not by a kill; names file and line.
    """
    keep, before = _kept(path)
    with continued(path, keep, sync) as file:
        file.write(before + _content(rows, checked))
