"""Word documents: through mammoth to HTML, with formulas and text boxes, which it leaves out, put in its way before."""

import io
import zipfile
from typing import Any

from data.findings import counted
from data.reading.archive import open_archive, parse_xml
from data.reading.damage import read_as
from data.reading.formulas import omml
from data.reading.html import html_to_markdown
from data.reading.result import Reading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TEXT_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_PARTS_UNREAD = ("charts", "embeddings")
_STYLES = (
    "r[style-name='Footnote Reference'] =>\nr[style-name='Endnote Reference'] =>\np[style-name='Subtitle'] => p:fresh"
)


def _run(text: str) -> Any:
    from lxml import etree

    run = etree.Element(f"{_W}r")
    part = etree.SubElement(run, f"{_W}t")
    part.text = text
    part.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def _replace(element: Any, new: Any) -> None:
    parent = element.getparent()
    new.tail = element.tail
    parent.replace(element, new)


def _formulas(root: Any) -> None:
    """Formulas become runs of text where they stand."""
    for formula in list(root.iter(f"{_M}oMath")):
        _replace(formula, _run(omml(formula)))
    for block in list(root.iter(f"{_M}oMathPara")):
        holder = block.getparent()
        place = holder.index(block)
        for number, run in enumerate(list(block.iter(f"{_W}r"))):
            holder.insert(place + number, run)
        holder.remove(block)


def _text_boxes(root: Any) -> None:
    """Paragraphs of a text box come after the paragraph that it hangs on."""
    for alternative in list(root.iter(f"{_MC}AlternateContent")):  # the same box twice: for new and for old versions
        for fallback in alternative.findall(f"{_MC}Fallback"):
            if alternative.find(f"{_MC}Choice") is not None and any(True for _ in alternative.iter(f"{_W}txbxContent")):
                alternative.remove(fallback)
    for box in reversed(list(root.iter(f"{_W}txbxContent"))):  # inner boxes first
        host = next((a for a in box.iterancestors(f"{_W}p") if a.getparent() is not None), None)
        if host is None:
            continue
        box.getparent().remove(box)
        for block in reversed(list(box)):
            host.addnext(block)


def _shape_texts(root: Any) -> list[str]:
    """Paragraphs of diagrams and shapes whose text is DrawingML, not Word's own."""
    return [
        text for part in root.iter(f"{_A}p") if (text := "".join(t.text or "" for t in part.iter(f"{_A}t")).strip())
    ]


def _prepared(archive: zipfile.ZipFile) -> tuple[bytes, list[str], int]:
    """The file with formulas and text boxes as running text; texts of its diagrams; how many pictures it holds."""
    made, texts, pictures = io.BytesIO(), list[str](), 0
    with zipfile.ZipFile(made, "w") as target:
        for entry in archive.infolist():
            content = archive.read(entry)
            if entry.filename in _TEXT_PARTS:
                from lxml import etree

                root = parse_xml(content)
                _formulas(root)
                _text_boxes(root)
                texts += _shape_texts(root)
                pictures += sum(1 for _ in root.iter(f"{_A}blip"))
                content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            elif entry.filename.startswith("word/diagrams/data") and entry.filename.endswith(".xml"):
                texts += _shape_texts(parse_xml(content))
            target.writestr(entry.filename, content)
    return made.getvalue(), texts, pictures


def read(raw: bytes) -> Reading:
    """A .docx file: paragraphs, lists, tables, footnotes, formulas, text boxes; deleted text of tracked changes is out.

    Raises:
        ValueError: it is damaged.
    """
    import mammoth

    archive = open_archive(raw)
    with read_as("DOCX"):
        prepared, texts, pictures = _prepared(archive)
        html = mammoth.convert_to_html(
            io.BytesIO(prepared), style_map=_STYLES, convert_image=mammoth.images.img_element(lambda image: {"src": ""})
        ).value
    reading = html_to_markdown(html)
    charts, objects = (sum(name.startswith(f"word/{kind}/") for name in archive.namelist()) for kind in _PARTS_UNREAD)
    notes: tuple[str, ...] = (
        (f"left out: {counted(charts, 'part')} of charts, {counted(objects, 'embedded file')}",)
        if charts + objects
        else ()
    )
    notes += (f"left out: {counted(pictures, 'picture')} (alternative text is kept)",) if pictures else ()
    return Reading("\n\n".join([reading.text, *texts]), "", (*reading.notes, *notes))
