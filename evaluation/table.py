"""A table, and how terminal, Markdown, HTML and CSV show it: one place for each."""

import csv as csv_module
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from evaluation.printable import printable

if TYPE_CHECKING:
    from rich.table import Table as RichTable

LONG = 12  # rows; a longer table is folded in the HTML report


@dataclass(frozen=True)
class Column:
    """A column: its head, what it means for readers who ask, and on which side its cells stand."""

    name: str
    help: str = ""
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True)
class Table:
    """Rows of text under columns. A row may be shorter than the columns; the rest is empty."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def heads(self) -> list[str]:
        return [column.name for column in self.columns]


def columns(*heads: str | tuple[str, str]) -> tuple[Column, ...]:
    """Columns from their heads, or from head and help. The first stands left, as names do, the others right."""
    pairs = [(head, "") if isinstance(head, str) else head for head in heads]
    return tuple(Column(*pair, align="right" if place else "left") for place, pair in enumerate(pairs))


def text_columns(*heads: str) -> tuple[Column, ...]:
    """Columns of words, which all stand left."""
    return tuple(Column(head, align="left") for head in heads)


def make_table(title: str, heads: tuple[Column, ...], rows: Iterable[Sequence[str]], note: str = "") -> Table:
    """A table whose rows may come as any sequence."""
    return Table(title, heads, tuple(tuple(row) for row in rows), note)


def markdown_text(text: object) -> str:
    """Text as Markdown that shows it as it is: no markup, no line end, no column break."""
    plain = str(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    return plain.replace("<", "&lt;").replace("`", "\\`").replace("[", "\\[")


def _escaped(text: str) -> str:
    return escape(printable(text))


def markdown(table: Table) -> str:
    """The table in Markdown, without title and note."""
    heads = " | ".join(markdown_text(head) for head in table.heads)
    rule = " | ".join("---" for _ in table.columns)
    rows = (" | ".join(map(markdown_text, row)) for row in table.rows)
    return "\n".join(f"| {line} |" for line in (heads, rule, *rows))


def html(table: Table, links: Mapping[tuple[int, int], str] | None = None, titled: bool = False) -> str:
    """The table in HTML, without its note; heads with a help text show it under the pointer.

    Args:
        links: addresses of cells by row and column.
        titled: the title is seen; else it is only there for those who hear the page.
    """
    sides = ["" if column.align == "right" else ' class="left"' for column in table.columns]
    helps = [f' title="{_escaped(column.help)}"' if column.help else "" for column in table.columns]
    heads = "".join(
        f'<th scope="col"{side}{help_}>{_escaped(head)}</th>'
        for head, side, help_ in zip(table.heads, sides, helps, strict=True)
    )
    rows = "\n".join(f"<tr>{_cells(row, number, sides, links or {})}</tr>" for number, row in enumerate(table.rows))
    unseen = "" if titled else ' class="unseen"'
    caption = f"<caption{unseen}>{_escaped(table.title)}</caption>"
    place = f'<div class="wide" role="region" aria-label="{_escaped(table.title)}" tabindex="0">'
    body = f"{place}<table>{caption}\n<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody>\n</table></div>"
    if len(table.rows) <= LONG:
        return body
    return f"<details><summary>{_escaped(table.title)}: {len(table.rows)} rows</summary>{body}</details>"


def _cells(row: Sequence[str], number: int, sides: Sequence[str], links: Mapping[tuple[int, int], str]) -> str:
    """The cells of a row; the first names it."""
    cells = []
    for place, (value, side) in enumerate(zip(row, sides, strict=False)):
        text, address = _escaped(value), links.get((number, place))
        shown = f'<a href="{escape(address)}">{text}</a>' if address else text
        cells.append(f"<td{side}>{shown}</td>" if place else f'<th scope="row"{side}>{shown}</th>')
    return "".join(cells)


def csv(table: Table) -> str:
    """The table as comma-separated values."""
    out = io.StringIO()
    writer = csv_module.writer(out, lineterminator="\n")
    writer.writerow(table.heads)
    writer.writerows(table.rows)
    return out.getvalue()


def terminal(table: Table) -> "RichTable":
    """The table for a terminal, without title and note; what looks like markup in it is text."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable
    from rich.text import Text

    from evaluation.printable import printable

    shown = RichTable(box=SIMPLE_HEAD)
    for column in table.columns:
        shown.add_column(Text(column.name), justify=column.align, overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    return shown
