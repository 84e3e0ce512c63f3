"""Slides: titles as headings, text in reading order, tables, notes of the speaker."""

import io
from collections.abc import Iterator
from typing import Any

from data.findings import counted
from data.reading.archive import open_archive
from data.reading.damage import read_as
from data.reading.result import Reading
from data.reading.tables import Cell, expanded, markdown_table


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """Shapes from top to bottom and left to right, those of groups among them."""
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if hasattr(shape, "shapes") and depth < 20:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _table(table: Any) -> str:
    rows = [
        [Cell(cell.text, cell.span_height, cell.span_width) for cell in row.cells if not cell.is_spanned]
        for row in table.rows
    ]
    return markdown_table(expanded(rows))


def _paragraphs(frame: Any) -> str:
    return "\n".join(
        f"{'  ' * part.level}- {text}" if part.level else text
        for part in frame.paragraphs
        if (text := part.text.strip())
    )


def _chart(chart: Any) -> str:
    """The numbers of a chart as a table."""
    plots = list(chart.plots)
    series = [one for plot in plots for one in plot.series]
    names = [str(name) for name in (plots[0].categories if plots else ())]
    rows = [["", *names], *([one.name or "", *(str(v) for v in one.values)] for one in series)]
    return markdown_table(rows)


def _slide(slide: Any) -> tuple[list[str], int]:
    title = slide.shapes.title
    blocks, pictures = [f"## {' '.join(title.text.split())}"] if title is not None and title.text.strip() else [], 0
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if getattr(shape, "has_table", False):
            blocks.append(_table(shape.table))
        elif getattr(shape, "has_chart", False):
            blocks.append(_chart(shape.chart))
        elif shape.has_text_frame:
            blocks.append(_paragraphs(shape.text_frame))
        else:
            pictures += shape.shape_type is not None and "PICTURE" in str(shape.shape_type)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None and frame.text.strip():
        blocks.append(f"Notes: {frame.text.strip()}")
    return [block for block in blocks if block], pictures


def read(raw: bytes) -> Reading:
    """A .pptx file.

    Raises:
        ValueError: it is damaged.
    """
    from pptx import Presentation

    open_archive(raw)
    with read_as("PPTX"):
        presentation = Presentation(io.BytesIO(raw))
        slides = [_slide(slide) for slide in presentation.slides]
        title = (presentation.core_properties.title or "").strip()
    pictures = sum(count for _, count in slides)
    notes = (f"left out: {counted(pictures, 'picture')}",) if pictures else ()
    return Reading(
        "\n\n".join(block for blocks, _ in slides for block in blocks),
        "" if title == "PowerPoint Presentation" else title,
        notes,
    )
