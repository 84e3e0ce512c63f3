"""Tables of questions: any delimiter, quoting and line end, with the line of each row.

`csv.Sniffer` is not used: it guesses from one line and takes "" inside a quoted cell for its end (cpython 109339).
"""

import csv
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.questions.columns import KNOWN, column
from data.questions.records import asks
from data.questions.source import Material, Row

_DELIMITERS = (",", ";", "\t", "|", "^", "~", "¦", "\x1f", "\x01", ":")
_MAX_COLUMNS = 1000
_DOUBLED = re.compile(r"""(?<![,;\t|\r\n])(?:""|'')(?![,;\t|\r\n])""")  # inside a cell, not an empty one


def _without_hint(text: str) -> tuple[str, str | None, int]:
    """The table without a first line `sep=;`, as Excel writes it, that delimiter, and how many lines were cut."""
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"')
    return (rest, hint[4], 1) if len(hint) == 5 and hint.lower().startswith("sep=") else (text, None, 0)


def _quote(text: str) -> str:
    """The sign around cells: single quotes where the header is in them."""
    header = text.lstrip().partition("\n")[0].strip()
    return "'" if header.startswith("'") and header.endswith("'") and '"' not in header else '"'


def _rows(text: str, delimiter: str, quote: str) -> Any:
    backslash = f"\\{quote}" in text and not _DOUBLED.search(text)  # as MySQL writes a quote inside a cell
    return csv.reader(
        StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, escapechar="\\" if backslash else None,
        doublequote=not backslash, skipinitialspace=True,
    )  # fmt: skip


def _header(text: str, delimiter: str, quote: str) -> list[str]:
    try:
        return next((cells for cells in _rows(text, delimiter, quote) if any(map(str.strip, cells))), [])
    except csv.Error:
        return []


def _delimiter(text: str, quote: str) -> str:
    """The one that makes the most known columns of the header, then the most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        header = _header(text, delimiter, quote)
        return sum(column(cell) in KNOWN for cell in header), len(header)

    return max(_DELIMITERS, key=score)


def table_asks(text: str) -> bool:
    """Whether the header of a table names a question."""
    text, hint, _ = _without_hint(text.replace("\x00", ""))
    quote = _quote(text)
    return asks(dict.fromkeys(map(column, _header(text, hint or _delimiter(text, quote), quote))))


def raw_rows(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """The delimiter of a table, and its rows that are not blank, each with its line."""
    text, hint, ended = _without_hint(text.replace("\x00", ""))
    quote = _quote(text)
    delimiter = hint or _delimiter(text, quote)
    reader, cut, found = _rows(text, delimiter, quote), ended, []
    for cells in reader:
        line, ended = ended + 1, reader.line_num + cut
        if any(cell.strip() for cell in cells):
            found.append((line, cells))
    return delimiter, found


def read_table(path: Path, text: str, material: Material) -> Iterator[Row]:
    """Rows of a table by the names of its columns; a row with fewer or more cells than the header is left out.

    Columns without a name, as pandas writes its index, do not count.

    Raises:
        TriviumError: the table cannot be read; names file and line.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    text, hint, cut = _without_hint(text.replace("\x00", ""))
    quote = _quote(text)
    delimiter = hint or _delimiter(text, quote)
    reader = _rows(text, delimiter, quote)
    header: list[str] = []
    line = ended = cut
    try:
        for cells in reader:
            line, ended = ended + 1, reader.line_num + cut
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _checked(path, [column(cell) for cell in cells])
                if not asks(dict.fromkeys(header)):
                    return  # a table of something else
                continue
            while len(cells) > len(header) and not cells[-1].strip():
                cells.pop()
            if len(cells) != len(header):
                material.leave_out(path, f"line {line}", f"it has {len(cells)} cells, the header has {len(header)}")
            else:
                yield Row(line, f"line {line}", {n: cell for n, cell in zip(header, cells, strict=True) if n})
    except csv.Error as error:
        raise TriviumError(f"{path}, line {reader.line_num + cut}: not a readable table ({error}).") from error
    if ended > line and _open_quote("\n".join(text.split("\n")[line - 1 - cut :]), delimiter, quote):
        raise TriviumError(f"{path}, line {line}: a quotation mark opens a cell that is never closed. Close it.")


def _open_quote(text: str, delimiter: str, quote: str) -> bool:
    """Whether a quote is opened and never closed, which makes one cell of all that follows."""
    try:
        for _ in csv.reader(StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _checked(path: Path, header: list[str]) -> list[str]:
    if len(header) > _MAX_COLUMNS:
        raise TriviumError(f"{path}, line 1: {len(header):,} columns; at most {_MAX_COLUMNS:,} are read.")
    twice = sorted({name for name in header if name in KNOWN and header.count(name) > 1})
    if twice:
        raise TriviumError(f"{path}, line 1: there are two columns '{twice[0]}'. Rename or delete one.")
    return header
