"""A table of values (CSV, TSV) as a Markdown table."""

import csv
import io

from data.reading.decoding import decode
from data.reading.result import Reading
from data.reading.tables import markdown_table

_LINES = 20  # that the delimiter is told by


def delimiter_of(text: str) -> str:
    """The delimiter with which most of the first rows have the same number of cells, more than one."""

    def agreement(mark: str) -> tuple[int, int]:
        rows = [
            len(row)
            for row, _ in zip(csv.reader(io.StringIO(text), delimiter=mark), range(_LINES), strict=False)
            if row
        ]
        width = max(rows, key=rows.count, default=1)
        return (rows.count(width) if width > 1 else 0, width)

    return max(",;\t|", key=agreement)


def read(raw: bytes) -> Reading:
    """Rows of a table.

    Raises:
        ValueError: it is no table.
    """
    text, note = decode(raw)
    csv.field_size_limit(len(text) + 1)
    try:
        rows = list(
            csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter_of(text))
        )
    except csv.Error as error:
        raise ValueError(f"it cannot be read as a table ({error})") from error
    return Reading(markdown_table(rows), "", (note,) if note else ())
