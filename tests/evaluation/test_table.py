"""One table, four ways to show it, and text that stays text in each."""

import csv as csv_module
import io

import pytest
from rich.console import Console

from evaluation.numbers import megabytes, money, percent, points, share, span
from evaluation.table import LONG, columns, csv, html, make_table, markdown, terminal, text_columns

EVIL = "<b>|[x](y)\n`z`"
TABLE = make_table("Title", columns("method", ("right", 'share of "all"')), [["rag", "5 of 6"], [EVIL, "[red]0[/red]"]])


def test_the_first_column_stands_left_and_the_others_right() -> None:
    assert [column.align for column in TABLE.columns] == ["left", "right"]
    assert {column.align for column in text_columns("a", "b")} == {"left"}


def test_markdown() -> None:
    lines = markdown(TABLE).splitlines()
    assert lines[:3] == ["| method | right |", "| --- | --- |", "| rag | 5 of 6 |"]
    assert lines[3] == "| &lt;b>\\|\\[x](y) \\`z\\` | \\[red]0\\[/red] |"
    assert len(lines) == 4


def test_html() -> None:
    page = html(TABLE)
    assert '<th title="share of &quot;all&quot;">right</th>' in page
    assert '<th class="left">method</th>' in page
    assert "<b>" not in page
    assert "<details>" not in page
    long = make_table("Long", TABLE.columns, [["rag", "1"]] * (LONG + 1))
    assert f"<summary>{LONG + 1} rows</summary>" in html(long)


def test_csv_can_be_read_back() -> None:
    assert list(csv_module.reader(io.StringIO(csv(TABLE)))) == [["method", "right"], ["rag", "5 of 6"],
                                                                [EVIL, "[red]0[/red]"]]  # fmt: skip


def test_the_terminal_takes_no_cell_for_markup() -> None:
    out = io.StringIO()
    Console(file=out, width=100).print(terminal(TABLE))
    assert "[red]0[/red]" in out.getvalue()
    assert "method" in out.getvalue()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(None), "n/a"), (percent(0.125), "12%"), (share(0.5, 4), "50% of 4"), (share(None, 0), "n/a"),
        (span(0.1, 0.25), "10% to 25%"), (span(None, 0.2), "n/a"), (points(-0.01), "1 point"),
        (points(0.24), "24 points"),
        (money(None), "n/a"), (money(0.00001), "under 0.0001"), (money(0), "0.00"), (money(1234.5), "1,234.50"),
        (money(0.123456), "0.1235"), (megabytes(3 * 2**20), "3 MiB"),
    ],
)  # fmt: skip
def test_numbers(written: str, expected: str) -> None:
    assert written == expected
