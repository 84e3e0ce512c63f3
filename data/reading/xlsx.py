"""Workbooks: each sheet a table, values as their cells show them."""

import datetime
import io
import re
import warnings
from typing import Any

from data.findings import counted
from data.reading.archive import open_archive
from data.reading.damage import read_as
from data.reading.result import Reading
from data.reading.tables import markdown_table

_CURRENCY = re.compile(r"\[\$([^\]-]{1,4})|([$£€¥₹₩₽]|USD|EUR|GBP|CHF)")
_NO_VALUE = re.compile(rb"</f>(?:<v\\s*/>|<v></v>|(?!<v))|<f[^<>]*/>(?:<v\\s*/>|<v></v>|(?!<v))")
_MOST_CELLS = 2_000_000


def _shown(cell: Any) -> str:
    """A value as a reader of the sheet sees it.

    Percentages, dates and decimals go by the cell's number format."""
    value, form = cell.value, str(getattr(cell, "number_format", "") or "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
    if isinstance(value, (int, float)) and "%" in form:
        return f"{round(value * 100, 6):g}%"
    if isinstance(value, (int, float)) and (money := _CURRENCY.search(form)):
        decimals = len(found[1]) if (found := re.search(r"0\.(0+)", form)) else 0
        amount = f"{value:,.{decimals}f}" if "#,##" in form else f"{value:.{decimals}f}"
        sign = money[1] or money[2]
        return f"{sign}{amount}" if money.start() < form.find("0") else f"{amount} {sign}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    return str(value)


def _merged(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """For each cell that a merged range covers, the cell that holds its value."""
    ranges = list(sheet.merged_cells.ranges)[:10_000]
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    for area in ranges:
        if (area.max_row - area.min_row + 1) * (area.max_col - area.min_col + 1) <= 10_000:
            for row in range(area.min_row, area.max_row + 1):
                cells |= {
                    (row, column): (area.min_row, area.min_col) for column in range(area.min_col, area.max_col + 1)
                }
    return cells


def _sheet(sheet: Any) -> str:
    merged = _merged(sheet)
    hidden_rows = {number for number, size in sheet.row_dimensions.items() if size.hidden}
    if len(sheet._cells) > _MOST_CELLS:
        raise ValueError(f"the sheet {sheet.title} has more than {_MOST_CELLS:,} cells")
    values = {place: _shown(cell) for place, cell in sheet._cells.items() if place[0] not in hidden_rows}
    filled = {place for place, text in values.items() if text}
    rows = sorted({row for row, _ in filled})
    columns = sorted({column for _, column in filled})
    return markdown_table([[values.get(merged.get((r, c), (r, c)), "") for c in columns] for r in rows])


def read(raw: bytes) -> Reading:
    """An .xlsx file: visible sheets, rows that are not hidden, the values that were last calculated.

    Raises:
        ValueError: it is damaged.
    """
    from openpyxl import load_workbook

    archive = open_archive(raw)
    with read_as("XLSX"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts of a workbook that are not read
        book = load_workbook(io.BytesIO(raw), data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        tables = [(sheet.title, _sheet(sheet)) for sheet in sheets]
    unknown = sum(len(_NO_VALUE.findall(archive.read(name))) for name in archive.namelist() if "/worksheets/" in name)
    hidden = len(book.worksheets) - len(sheets)
    notes: tuple[str, ...] = (f"left out: {counted(hidden, 'hidden sheet')}",) if hidden else ()
    if unknown:
        notes += (
            f"left out: {counted(unknown, 'formula')} never calculated; open and save the file in Excel or LibreOffice",
        )
    return Reading("\n\n".join(f"## {title}\n\n{table}" for title, table in tables if table), "", notes)
