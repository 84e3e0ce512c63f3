"""Word, Excel, PowerPoint and OpenDocument files: text, tables, formulas and boxes; what is left out is named."""

import datetime
import io
from typing import Any

import docx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from data.reading import docx as word_reader
from data.reading import odt, pptx, xlsx
from tests.data.reading.samples import NAMES, opendocument, packed, run, slides, word, workbook

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def _text(*paragraphs: str) -> str:
    return word_reader.read(word(*paragraphs)).text


def _m(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def _f(content: str) -> str:
    return f"<m:oMath>{content}</m:oMath>"


CUBE = f"<m:sSup><m:e>{_m('x')}</m:e><m:sup>{_m('3')}</m:sup></m:sSup>"
BOX = "<w:txbxContent><w:p>{}</w:p></w:txbxContent>"


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        (run("is 10") + run("9", '<w:vertAlign w:val="superscript"/>') + run(" bytes"), "is 10^9 bytes"),
        (run("CO") + run("2", '<w:vertAlign w:val="subscript"/>') + run(" rises"), "CO2 rises"),
        (run("set MY_LIMIT_2 * 3"), "set MY_LIMIT_2 * 3"),
        (run("now ") + f"<w:del><w:r><w:delText>50</w:delText></w:r></w:del><w:ins>{run('45')}</w:ins>", "now 45"),
        (run("v = ") + _f(f"<m:f><m:num>{_m('s')}</m:num><m:den>{_m('t+1')}</m:den></m:f>") + run(" holds"),
         "v = s/(t+1) holds"),
        (f"<m:oMathPara>{_f(CUBE)}</m:oMathPara>", "x^3"),
        (_f(f"<m:rad><m:deg/><m:e>{_m('9')}</m:e></m:rad>"), "√(9)"),
        (run("a") + "<w:r><w:noBreakHyphen/></w:r>" + run("b") + "<w:r><w:softHyphen/></w:r>" + run("c"), "a-bc"),
        (run("one") + "<w:r><w:br/></w:r>" + run("two"), "one\ntwo"),
    ],
)  # fmt: skip
def test_paragraphs(paragraph: str, text: str) -> None:
    assert _text(paragraph) == text


@pytest.mark.parametrize(
    "box",
    [
        f"<mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>{BOX}</wps:txbx></mc:Choice></mc:AlternateContent>",
        f"<mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>{BOX}</wps:txbx></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>",
        f"<w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict>",
    ],
)
def test_a_text_box_comes_once_and_after_its_paragraph(box: str) -> None:
    inside = box.replace("{}", run("Keep the gate shut."))
    assert _text(run("Before.") + f"<w:r>{inside}</w:r>", run("After.")) == "Before.\n\nKeep the gate shut.\n\nAfter."


def test_headings_lists_tables_and_merged_cells() -> None:
    made = docx.Document()
    made.add_heading("Ships", 1)
    for item in ("Otter", "Heron"):
        made.add_paragraph(item, style="List Bullet")
    table = made.add_table(3, 3)
    for row, cells in enumerate((("Ship", "Places", ""), ("", "cars", "vans"), ("Otter", "12", "3"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    held = io.BytesIO()
    made.save(held)
    assert word_reader.read(held.getvalue()).text.splitlines() == [
        "# Ships", "", "- Otter", "- Heron", "", "| Ship | Places | Places |", "| --- | --- | --- |",
        "| Ship | cars | vans |", "| Otter | 12 | 3 |",
    ]  # fmt: skip


def test_sheets_as_tables() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "Fares"
        sheet.append(["from", "adult", "share", "paid", "full"])
        sheet.append([datetime.date(2026, 4, 1), 12.5, 0.075, True, 100.0])
        sheet["C2"].number_format = "0.0%"
        sheet["A4"], sheet["B4"] = "both", 7
        sheet.merge_cells("B4:C4")
        sheet.append(["hidden row"])
        sheet.row_dimensions[5].hidden = True
        book.create_sheet("Secret").sheet_state = "hidden"

    reading = xlsx.read(workbook(fill))
    assert reading.text.splitlines() == [
        "## Fares", "", "| from | adult | share | paid | full |", "| --- | --- | --- | --- | --- |",
        "| 2026-04-01 | 12.5 | 7.5% | TRUE | 100 |", "| both | 7 | 7 |  |  |",
    ]  # fmt: skip
    assert reading.notes == ("left out: 1 hidden sheet",)


def test_money_and_formulas_without_a_value() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.append(["fare", 1204.5, 7, "=B1*2"])
        sheet["B1"].number_format, sheet["C1"].number_format = "[$£-809]#,##0.00", '#,##0.00\\ "€"'

    reading = xlsx.read(workbook(fill))
    assert reading.text.splitlines()[2] == "| fare | £1,204.50 | 7.00 € |"
    assert reading.notes == ("left out: 1 formula never calculated; open and save the file in Excel or LibreOffice",)


def test_footnotes_of_word() -> None:
    """A file with one footnote, as Word writes them."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    body = run("The pier is shut") + "<w:r><w:footnoteReference w:id='2'/></w:r>" + run(" now.")
    notes = f"<w:footnotes {NAMES}><w:footnote w:id='2'><w:p>{run('Since May.')}</w:p></w:footnote></w:footnotes>"
    raw = packed({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{types}.document.main+xml"/>'
        f'<Override PartName="/word/footnotes.xml" ContentType="{types}.footnotes+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{kinds}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r2" '
        f'Type="{kinds}/footnotes" Target="footnotes.xml"/></Relationships>',
        "word/document.xml": f"<w:document {NAMES}><w:body><w:p>{body}</w:p></w:body></w:document>",
        "word/footnotes.xml": notes,
    })  # fmt: skip
    assert word_reader.read(raw).text == "The pier is shut [1] now.\n\n1. Since May."


def test_slides() -> None:
    def fill(made: Any) -> None:
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = "Fares"
        slide.shapes.add_textbox(Inches(1), Inches(5), Inches(3), Inches(1)).text_frame.text = "Below the table."
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
        for number, text in enumerate(("ship", "places", "Otter", "40")):
            table.cell(number // 2, number % 2).text = text
        slide.notes_slide.notes_text_frame.text = "Mention the discount."
        chart = CategoryChartData()
        chart.categories = ["2024", "2025"]
        chart.add_series("guests", (7, 9))
        second = made.slides.add_slide(made.slide_layouts[6])
        second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(3), chart)

    assert pptx.read(slides(fill)).text == (
        "## Fares\n\n| ship | places |\n| --- | --- |\n| Otter | 40 |\n\nBelow the table.\n\n"
        "Notes: Mention the discount.\n\n|  | 2024 | 2025 |\n| --- | --- | --- |\n| guests | 7.0 | 9.0 |"
    )


def test_opendocument() -> None:
    styles = '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
    body = (
        '<text:h text:outline-level="2">Ships</text:h>'
        "<text:list><text:list-item><text:p>Otter</text:p></text:list-item></text:list>"
        '<text:p>is 10<text:span text:style-name="T1">6</text:span> kg<text:s/>now<text:note>'
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>dry</text:p></text:note-body></text:note></text:p>"
        "<table:table><table:table-row>"
        '<table:table-cell table:number-columns-spanned="2"><text:p>a</text:p></table:table-cell>'
        "<table:covered-table-cell/></table:table-row><table:table-row><table:table-cell><text:p>b</text:p></table:table-cell>"
        "<table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>"
        "<text:tracked-changes>gone</text:tracked-changes>"
    )
    assert odt.read(opendocument(body, styles)).text == (
        "## Ships\n\n- Otter\n\nis 10^6 kg now (dry)\n\n| a | a |\n| --- | --- |\n| b | c |"
    )
