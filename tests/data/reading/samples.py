"""Small valid files of each form, made when they are asked for."""

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl
import pptx
from lxml import etree
from reportlab.pdfgen.canvas import Canvas

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMES = " ".join(
    f'xmlns:{key}="{value}"'
    for key, value in {
        "w": W,
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    }.items()
)


def packed(parts: dict[str, str | bytes], first: str = "") -> bytes:
    """An archive of these files; `first` is stored without compression, as e-books and OpenDocument want it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED)
    return held.getvalue()


def word(*paragraphs: str) -> bytes:
    """A Word file of paragraphs given as the XML inside `w:p`."""
    made = docx.Document()
    body = made.element.body
    for content in paragraphs:
        body.insert(len(body) - 1, etree.fromstring(f"<w:p {NAMES}>{content}</w:p>"))
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def workbook(fill: Callable[[Any], None]) -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(held)
    return held.getvalue()


def slides(fill: Callable[[Any], None]) -> bytes:
    made, held = pptx.Presentation(), io.BytesIO()
    fill(made)
    made.save(held)
    return held.getvalue()


def ebook(chapters: dict[str, str], title: str = "The Keeper", extra: dict[str, str | bytes] | None = None) -> bytes:
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = "<container><rootfiles><rootfile full-path='OPS/p.opf'/></rootfiles></container>"
    pages = {f"OPS/{name.replace('%20', ' ')}": page for name, page in chapters.items()}
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OPS/p.opf": package,
            **pages,
            **(extra or {}),
        },
        "mimetype",
    )


def opendocument(body: str, styles: str = "") -> bytes:
    spaces = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for key, name in {"office": "office", "text": "text", "table": "table", "style": "style"}.items()
    )
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}, "mimetype")


def mail(html: bool = False) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        "Pier closed für Gäste",
        "office@skerra.example",
        "all@skerra.example",
    )
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0000"
    if html:
        message.set_content("<p>The pier is <b>closed</b> until May.</p>", subtype="html")
    else:
        message.set_content("The pier is closed until May.")
    message.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="plan.bin")
    return message.as_bytes()


def pdf(*lines: str) -> bytes:
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842), invariant=True)
    for number, line in enumerate(lines):
        canvas.drawString(60, 760 - 14 * number, line)
    canvas.save()
    return held.getvalue()


def _sheet(book: Any) -> None:
    book.active.append(["Ship", "Places"])
    book.active.append(["Otter", 40])


def _slide(made: Any) -> None:
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Pier", "It is closed."


SAMPLES: dict[str, Callable[[], bytes]] = {
    ".md": lambda: (
        "---\ntitle: Pier\n---\n# Pier\n\n![x](data:image/png;base64,AAAA) It is closed — über alles.\n".encode()
    ),
    ".txt": lambda: "Pier: geöffnet für Gäste bis März.\n".encode("cp1252") * 3,
    ".html": lambda: (
        b"<title>Pier</title><table><tr><td rowspan=2>a<td>b<tr><td>c</table><ul><li>x<p>10<sup>6</sup><pre>y"
    ),
    ".csv": lambda: b'ship;places\n"Otter; the old";40\n',
    ".eml": mail,
    ".rtf": lambda: rb"{\rtf1\ansi\deff0 {\b Pier} is closed\par until May \'fc.\par}",
    ".docx": lambda: word(run("The pier"), run("2", '<w:vertAlign w:val="superscript"/>')),
    ".xlsx": lambda: workbook(_sheet),
    ".pptx": lambda: slides(_slide),
    ".epub": lambda: ebook({"one.xhtml": "<html><body><p>The keeper left.</p></body></html>"}),
    ".odt": lambda: opendocument('<text:h text:outline-level="1">Pier</text:h><text:p>It is closed.</text:p>'),
    ".pdf": lambda: pdf("The pier is closed", "until the end of May."),
}
