"""PDF pages: whole words and sentences in reading order, tables as tables, nothing of the page's frame."""

import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfWriter
from reportlab.lib import colors
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

from benchmarks.document_readers import words_in_order
from benchmarks.pdf_pages import prose, scripts, two_columns
from data.reading import ocr
from data.reading.pages.hyphens import Hyphens
from data.reading.pdf import read

Draw = Callable[[Canvas], None]


def _pdf(*pages: Draw) -> bytes:
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    for draw in pages:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def _lines(*lines: str, top: float = 760, x: float = 60) -> Draw:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(x, top - 13 * number, line)

    return draw


SENTENCES = [
    "The lighthouse at Cold Ness was lit in 1874 and has been automatic since the last keeper left.",
    "Visitors climb 112 steps; the ticket is sold in the keeper's cottage for 3 euros and 50 cents.",
    "From the gallery one sees the skerries, the breakwater and on clear days the mountains inland.",
]


@pytest.mark.parametrize("seed", range(3))
def test_prose_over_pages(seed: int) -> None:
    chance = random.Random(seed)
    paragraphs = [" ".join(chance.choices(SENTENCES, k=6)) for _ in range(12)]
    made = prose("p", paragraphs, seed)
    assert words_in_order(read(made.content).text, made.words) == (1.0, 0.0)


def test_two_columns_are_read_one_after_the_other() -> None:
    made = two_columns("c", [" ".join(SENTENCES)] * 6)
    assert words_in_order(read(made.content).text, made.words) == (1.0, 0.0)


def test_raised_and_lowered_characters() -> None:
    made = scripts("s")
    assert read(made.content).text.split() == list(made.words)


def test_cells_that_rules_enclose() -> None:
    def draw(canvas: Canvas) -> None:
        _lines("These ships sail.", top=620)(canvas)
        rows = [["Ship", "Built", "Places"], ["Otter", "1998\nand 2004", "40"], ["", "2011", "55"]]
        style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("SPAN", (0, 1), (0, 2))])
        table = Table(rows, colWidths=[90, 90, 60], style=style)
        table.wrapOn(canvas, 500, 800)
        table.drawOn(canvas, 60, 500)

    assert read(_pdf(draw)).text.splitlines() == [
        "These ships sail.", "", "| Ship | Built | Places |", "| --- | --- | --- |", "| Otter | 1998 and 2004 | 40 |",
        "| Otter | 2011 | 55 |",
    ]  # fmt: skip


def test_cells_that_stand_in_columns_without_rules() -> None:
    def draw(canvas: Canvas) -> None:
        rows = [("Month", "Ships", "Guests"), ("May", "9", "1,204"), ("June", "11", "980")]
        for number, (name, left, right) in enumerate(rows):
            canvas.drawString(60, 700 - 14 * number, name)
            canvas.drawRightString(250, 700 - 14 * number, left)
            canvas.drawRightString(350, 700 - 14 * number, right)

    assert read(_pdf(draw)).text.splitlines() == [
        "| Month | Ships | Guests |", "| --- | --- | --- |", "| May | 9 | 1,204 |", "| June | 11 | 980 |",
    ]  # fmt: skip


def test_a_sentence_goes_on_over_headers_and_footers() -> None:
    def page(number: int, *lines: str) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(60, 810, "Cold Ness Trust - Annual report 2024")
            canvas.drawString(280, 30, f"- {number} -")
            _lines(*lines)(canvas)

        return draw

    text = read(_pdf(
        page(1, "The trust was set up by the parish in 1951, and its first chairman was"),
        page(2, "Ida Rennick, who had been a keeper herself. She resigned in the year of the"),
        page(3, "great storm."),
    )).text  # fmt: skip
    assert text == (
        "The trust was set up by the parish in 1951, and its first chairman was Ida Rennick, who had been a keeper "
        "herself. She resigned in the year of the great storm."
    )


def test_a_sentence_goes_on_behind_a_footnote_or_a_table() -> None:
    def first(canvas: Canvas) -> None:
        _lines("The light was lit in the year in which the old pier had been swept away by the")(canvas)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(60, 90, "1 Measured by the harbour office.")

    text = read(_pdf(first, _lines("sea, and has burnt since."))).text
    assert text.splitlines()[0].endswith("swept away by the sea, and has burnt since.")
    assert "Measured by the harbour office." in text


def test_forms_of_one_page_each_keep_what_differs() -> None:
    def page(number: int, total: str) -> Draw:
        def draw(canvas: Canvas) -> None:
            _lines(f"Invoice no. {2000 + number}", f"for the berth of boat {number * 7}", top=800)(canvas)
            canvas.drawString(60, 60, f"Total: {total} euros")
            canvas.drawString(60, 40, "Cold Ness Harbour, Pier Road 1")

        return draw

    reading = read(_pdf(page(1, "45.00"), page(2, "61.50"), page(3, "80.25")))
    text = reading.text
    for kept in ("Invoice no. 2002", "boat 14", "Total: 61.50", "Total: 80.25", "Invoice no. 2003"):
        assert kept in text
    assert "Pier Road" not in text
    assert reading.notes[0].endswith("were taken out: Cold Ness Harbour, Pier Road 1")


def test_titles_with_numbers_are_no_furniture() -> None:
    def page(number: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica-Bold", 18)
            canvas.drawString(60, 780, f"Boat {number}")
            canvas.setFont("Helvetica", 10)
            _lines(f"It carries {number * 7} people and was built on the {'abc'[number]} slip.", top=740)(canvas)

        return draw

    text = read(_pdf(page(0), page(1), page(2))).text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Boat 0", "## Boat 1", "## Boat 2"]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("the pas-", "sengers wait", "the passengers wait"),
        ("a cost-", "saving plan", "a cost-saving plan"),
        ("an up-to-", "date list", "an up-to-date list"),
        ("the Anglo-", "Saxon hall", "the Anglo-Saxon hall"),
        ("the co-", "operative shop", "the co-operative shop"),
        ("the har\xad", "bour", "the harbour"),
        ("rooms 3-", "4 are shut", "rooms 3-4 are shut"),
        ("no hyphen", "here", "no hyphen here"),
        ("遊覧船は", "十人乗りである。", "遊覧船は十人乗りである。"),
        ("船は Kiri", "号である。", "船は Kiri 号である。"),
        ("배는 열", "명이 탄다.", "배는 열 명이 탄다."),
    ],
)
def test_hyphens_at_the_end_of_lines(first: str, second: str, joined: str) -> None:
    document = [first, second, "The co-operative of the island is old and has a saving plan for its members."]
    assert Hyphens(document).join(first, second) == joined


def test_german_words() -> None:
    document = ["Die Fähre ist für Fahr-", "gäste und Waren aus dem Hafen offen, nicht für Haustiere."]
    assert Hyphens(document).join(*document).startswith("Die Fähre ist für Fahrgäste")


def _scan(text: str) -> bytes:
    picture = pypdfium2.PdfDocument(_pdf(_lines(text)))[0].render(scale=200 / 72).to_pil()
    return _pdf(lambda canvas: canvas.drawImage(ImageReader(picture), 0, 0, 595, 842))


def test_scanned_pages_are_recognised() -> None:
    assert shutil.which("tesseract"), "tesseract is missing: apt-get install tesseract-ocr (README, system packages)"
    reading = read(_scan("Lost umbrellas are kept for 14 days."))
    assert reading.text == "Lost umbrellas are kept for 14 days."
    assert reading.notes == ("page 1: scanned; the text is what tesseract recognised (eng), check it",)


def test_scanned_pages_are_named_where_nothing_recognises_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ocr.languages.cache_clear()
    try:
        reading = read(_scan("Lost umbrellas"))
    finally:
        ocr.languages.cache_clear()
    assert reading.text == ""
    assert reading.notes[0].startswith("left out: page 1, scanned without text; install tesseract")


def test_what_is_encrypted_or_damaged_is_said() -> None:
    writer, held = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret")
    writer.write(held)
    with pytest.raises(ValueError, match="encrypted"):
        read(held.getvalue())
    with pytest.raises(ValueError, match="cannot be read as PDF"):
        read(b"%PDF-1.7\nnothing more")
