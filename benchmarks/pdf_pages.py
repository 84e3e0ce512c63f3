"""PDFs of known text in the layouts that people have: what a reader should get out of each is known word by word."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

FONT, SIZE, LEADING = "Helvetica", 10.0, 13.0
WIDTH, HEIGHT = A4
TOP, BOTTOM, MARGIN = HEIGHT - 70, 70.0, 60.0


@dataclass(frozen=True)
class Made:
    """A file, the words that it says in their order, and the rows of its tables."""

    name: str
    content: bytes
    words: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(default=())


def wrapped(text: str, width: float, chance: random.Random) -> list[str]:
    """Lines of at most this width; long words are broken at their end now and then, compounds at their hyphen."""
    lines, line = [], ""
    for word in text.split():
        if stringWidth(f"{line} {word}".strip(), FONT, SIZE) <= width:
            line = f"{line} {word}".strip()
            continue
        cuts = range(len(word) - 3, 2, -1) if word.isalpha() and chance.random() < 0.7 else ()
        fitting = (n for n in cuts if stringWidth(f"{line} {word[:n]}-".strip(), FONT, SIZE) <= width)
        if (cut := next(fitting, 0)) > 0:
            lines.append(f"{line} {word[:cut]}-".strip())
            line = word[cut:]
            continue
        lines.append(line)
        line = word
    return [*lines, line] if line else lines


class _Writer:
    """Fills pages from top to bottom, each with a header, a footer and its number."""

    def __init__(self, furniture: bool) -> None:
        self.held, self.furniture, self.number = io.BytesIO(), furniture, 0
        self.canvas = Canvas(self.held, pagesize=A4, invariant=True)
        self.y = 0.0
        self.new_page()

    def new_page(self) -> None:
        if self.number:
            self.canvas.showPage()
        self.number, self.y = self.number + 1, TOP
        self.canvas.setFont(FONT, SIZE)
        if self.furniture:
            self.canvas.drawString(MARGIN, HEIGHT - 40, "Harbour Authority - Handbook, 3rd edition")
            self.canvas.drawCentredString(WIDTH / 2, 36, f"Page {self.number} of 9")

    def line(self, text: str, x: float = MARGIN) -> None:
        if self.y < BOTTOM:
            self.new_page()
        self.canvas.drawString(x, self.y, text)
        self.y -= LEADING

    def done(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self.held.getvalue()


def prose(name: str, paragraphs: Sequence[str], seed: int = 0) -> Made:
    """One column over several pages, with furniture and words broken at line ends."""
    writer, chance = _Writer(furniture=True), random.Random(seed)
    for paragraph in paragraphs:
        for line in wrapped(paragraph, WIDTH - 2 * MARGIN, chance):
            writer.line(line)
        writer.y -= LEADING
    return Made(name, writer.done(), tuple(" ".join(paragraphs).split()))


def two_columns(name: str, paragraphs: Sequence[str], seed: int = 0) -> Made:
    """A heading over two columns; the file holds them line by line across, as many typesetters write them."""
    writer, chance = _Writer(furniture=False), random.Random(seed)
    width = (WIDTH - 2 * MARGIN - 24) / 2
    lines = [line for paragraph in paragraphs for line in wrapped(paragraph, width, chance)]
    half = min((len(lines) + 1) // 2, 48)
    writer.canvas.setFont("Helvetica-Bold", 14)
    writer.canvas.drawString(MARGIN, TOP + 12, "What islanders should know")
    writer.canvas.setFont(FONT, SIZE)
    for number in range(half):
        writer.canvas.drawString(MARGIN, TOP - 20 - LEADING * number, lines[number])
        if number + half < len(lines):
            writer.canvas.drawString(MARGIN + width + 24, TOP - 24 - LEADING * number, lines[number + half])
    shown = " ".join(_whole(lines[: 2 * half])).split()
    return Made(name, writer.done(), ("What", "islanders", "should", "know", *shown))


def _whole(lines: Sequence[str]) -> list[str]:
    text = ""
    for line in lines:
        text = text[:-1] + line if text.endswith("-") and line[:1].islower() else f"{text} {line}"
    return [text.strip()]


def table(name: str, rows: Sequence[Sequence[str]], before: str, after: str, ruled: bool) -> Made:
    """A table between two sentences, with rules or set by its columns alone."""
    writer = _Writer(furniture=False)
    writer.line(before)
    if ruled:
        whole = (0, 0), (-1, -1)
        style = TableStyle([("GRID", *whole, 0.5, colors.black), ("FONT", *whole, FONT, SIZE)])
        drawn = Table([list(row) for row in rows], colWidths=[120, 90, 90, 90][: len(rows[0])], style=style)
        _, height = drawn.wrapOn(writer.canvas, WIDTH, HEIGHT)
        drawn.drawOn(writer.canvas, MARGIN, writer.y - height)
        writer.y -= height + 2 * LEADING
        writer.canvas.setFont(FONT, SIZE)
    else:
        for row in rows:
            for number, cell in enumerate(row):
                writer.canvas.drawString(MARGIN + 115 * number, writer.y, cell)
            writer.y -= LEADING
        writer.y -= LEADING
    writer.line(after)
    words = f"{before} {' '.join(' '.join(row) for row in rows)} {after}".split()
    return Made(name, writer.done(), tuple(words), tuple(tuple(row) for row in rows))


def scripts(name: str) -> Made:
    """Raised and lowered characters, written as plain text does: 10^6, H2O, [1]."""
    writer, words = _Writer(furniture=False), []
    lines: list[tuple[str, Callable[[Canvas], None] | str, str, str]] = [
        ("The reservoir holds 4 x 10", "6", " litres of water.", "4 x 10^6 litres"),
        ("Each plot has 250 m", "2", " and a shed.", "250 m^2 and"),
    ]
    for before, index, after, _ in lines:
        part = writer.canvas.beginText(MARGIN, writer.y)
        part.setFont(FONT, SIZE)
        part.textOut(before)
        part.setRise(4)
        part.setFont(FONT, 6.5)
        part.textOut(str(index))
        part.setRise(0)
        part.setFont(FONT, SIZE)
        part.textOut(after)
        writer.canvas.drawText(part)
        writer.y -= 2 * LEADING
        words += f"{before}^{index}{after}".split()
    return Made(name, writer.done(), tuple(words))
