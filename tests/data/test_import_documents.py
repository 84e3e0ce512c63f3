"""Hostile and broken documents are skipped by name, or read correctly; nothing outside the folder is read."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from data.errors import TriviumError
from data.files import together
from data.import_documents import Imported, import_documents, write_document
from data.progress import silent


def _pdf(path: Path, password: str = "") -> None:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    if password:
        writer.encrypt(password)
    writer.write(path)


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"\x20" * (60 * 2**20))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "deep").mkdir(parents=True)
    (folder / "good.md").write_text("# Good\n\nThe slip is closed.", encoding="utf-8")
    (folder / "deep" / "latin.txt").write_bytes("Le café ferme à midi, où êtes-vous allés hier soir?".encode("latin-1"))
    (folder / "utf16.txt").write_bytes("The pier is open.".encode("utf-16"))
    (folder / "nul.txt").write_bytes(b"abc\x00def")
    (folder / "empty.txt").write_text("  \n", encoding="utf-8")
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(200 * 2**20)
    (folder / "really.pdf").write_text("plain text", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nno more")
    _pdf(folder / "blank.pdf")
    _pdf(folder / "locked.pdf", password="secret")
    _zip_bomb(folder / "bomb.docx")
    (folder / "archive.docx").write_bytes(_archive())
    made = docx.Document()
    made.add_heading("Memo", 1)
    made.add_paragraph("Hot food is not served.")
    table = made.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "soup", "5.20"
    made.save(str(folder / "memo.docx"))
    (folder / "word.txt").write_bytes((folder / "memo.docx").read_bytes())
    (folder / "program.exe").write_bytes(b"MZ")
    outside = tmp_path / "secret.txt"
    outside.write_text("The password is swordfish.", encoding="utf-8")
    (folder / "link.txt").symlink_to(outside)
    return folder


def _archive() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", "a")
    return held.getvalue()


@pytest.fixture
def imported(source: Path, tmp_path: Path) -> Imported:
    with together() as files:
        return import_documents(source, tmp_path / "documents", silent, files)


def test_what_can_be_read_is_read(imported: Imported, tmp_path: Path) -> None:
    texts = {name: (tmp_path / "documents" / name).read_text(encoding="utf-8") for name in imported.documents}
    assert set(texts) == {"good.md", "deep/latin.txt", "utf16.txt", "memo.docx.md", "word.txt"}
    assert "café ferme à midi, où êtes-vous" in texts["deep/latin.txt"]
    assert texts["utf16.txt"] == "The pier is open.\n"
    assert "Hot food is not served." in texts["memo.docx.md"]
    assert "5.20" in texts["memo.docx.md"]
    assert "Hot food" in texts["word.txt"], "a wrong extension does not matter"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nul.txt", "NUL bytes"),
        ("empty.txt", "no text"),
        ("huge.txt", "200 MiB"),
        ("really.pdf", "not a PDF"),
        ("broken.pdf", "cannot be read as PDF"),
        ("blank.pdf", "OCR"),
        ("locked.pdf", "encrypted"),
        ("bomb.docx", "unpacks to 60 MiB"),
        ("archive.docx", "archive, not a document"),
        ("program.exe", "not a kind of document"),
        ("link.txt", "link out of the folder"),
    ],
)
def test_what_cannot_is_skipped_with_its_reason(imported: Imported, name: str, reason: str) -> None:
    assert reason in imported.skipped[name]


def test_nothing_outside_the_folder_is_read(imported: Imported, tmp_path: Path) -> None:
    for path in (tmp_path / "documents").rglob("*"):
        assert not path.is_file() or "swordfish" not in path.read_text(encoding="utf-8")


def test_a_document_is_never_replaced_by_another(tmp_path: Path) -> None:
    for _ in range(2):
        with together() as files:
            write_document(files, tmp_path, "a.txt", "one")
    with together() as files, pytest.raises(TriviumError, match=r"a\.txt: another document"):
        write_document(files, tmp_path, "a.txt", "two")
