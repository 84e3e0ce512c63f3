"""One table, four ways to show it, and text that stays text in each."""

import csv as csv_module
import io

import pytest
from rich.console import Console

from evaluation.numbers import (
    about,
    listed,
    megabytes,
    percent,
    points,
    points_span,
    price,
    share,
    signed_points,
    span,
    two_digits,
    volume,
)
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
    assert '<th scope="col" title="share of &quot;all&quot;">right</th>' in page
    assert '<th scope="col" class="left">method</th>' in page
    assert '<th scope="row" class="left">rag</th><td>5 of 6</td>' in page
    assert '<caption class="unseen">Title</caption>' in page
    assert "<caption>Title</caption>" in html(TABLE, titled=True)
    assert '<td><a href="#a?b=1&amp;c=2">5 of 6</a></td>' in html(TABLE, {(0, 1): "#a?b=1&c=2"})
    assert "<b>" not in page
    assert "<details>" not in page
    long = make_table("Long", TABLE.columns, [["rag", "1"]] * (LONG + 1))
    assert f"<summary>Long: {LONG + 1} rows</summary>" in html(long)


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
        (price(None, "USD"), "n/a"), (price(0.00001, "USD"), "< $0.01"), (price(0, "USD"), "$0"),
        (price(1234.5, "USD"), "$1,200"), (price(121.19, "USD"), "$120"), (price(1.366, "EUR"), "EUR 1.40"),
        (price(0.123456, "USD"), "$0.12"), (price(9.96, "USD"), "$10"), (megabytes(3 * 2**20), "3 MiB"),
        (about(189), "190"), (about(2195), "2,200"), (about(12_212_747), "12 million"),
        (about(922_497_118), "0.92 billion"), (about(0), "0"), (signed_points(-0.444), "−44"),
        (signed_points(0.0), "+0"), (points_span(-0.1, 0.14), "−10 to 14"), (points_span(0.0042, 0.27), "0.4 to 27"),
        (points_span(-0.3, -0.00001), "−30 to −0.01"), (points_span(0.0, 1.0), "0 to 100"),
        (points(-0.005), "0.5 points"),
        (signed_points(-0.0004), "−0.04"), (two_digits(0.0004567), 0.00046),
        (volume(15_123_456, 10_000), "about 15 million questions (130 years at 10,000 a month)"),
        (volume(86, 10_000), "about 86 questions (less than a month at 10,000 a month)"),
        (volume(30_000, 10_000), "about 30,000 questions (3 months at 10,000 a month)"),
        (listed(["a"]), "a"), (listed(["a", "b", "c"]), "a, b and c"),
    ],
)  # fmt: skip
def test_numbers(written: str, expected: str) -> None:
    assert written == expected
