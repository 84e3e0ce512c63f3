"""The table of a web page while it is read: rows of cells, or only a layout whose cells are parts of the page."""

from dataclasses import dataclass, field

from data.reading.blocks import Block, Frame
from data.reading.tables import Cell, expanded, flat_table, markdown_table

_LONGEST_NESTED = 300  # characters of a table within a cell; one with more is a part of a page


@dataclass
class HtmlTable:
    """Rows of cells, each with how many rows and columns it spans."""

    layout: bool = False
    rows: list[list[tuple[Frame, int, int]]] = field(default_factory=list)
    foot: list[list[tuple[Frame, int, int]]] = field(default_factory=list)  # shown last, wherever it stands
    before_foot: int = 0

    def begin_row(self) -> None:
        self.rows.append([])

    def begin_foot(self) -> None:
        self.before_foot = len(self.rows)

    def end_foot(self) -> None:
        self.foot += self.rows[self.before_foot :]
        del self.rows[self.before_foot :]

    def blocks(self) -> list[Block]:
        """The table as one block, or the blocks of its cells where it only lays out a page."""
        rows = [*self.rows, *self.foot]
        cells = [frame for row in rows for frame, _, _ in row]
        filled = max((sum(bool(frame.blocks) for frame, _, _ in row) for row in rows), default=0)
        if self.layout or filled < 2 or any(_is_part_of_page(block) for frame in cells for block in frame.blocks):
            return [block for frame in cells for block in frame.blocks]
        left = len(rows)
        grid = expanded(
            [[Cell(frame.line(), min(down or left, left), across) for frame, down, across in row] for row in rows]
        )
        return [Block("table", markdown_table(grid), flat_table(grid))]


def _is_part_of_page(block: Block) -> bool:
    return block.kind == "heading" or (block.kind == "table" and len(block.flat) > _LONGEST_NESTED)
