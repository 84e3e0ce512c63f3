"""Hostile and broken documents are skipped by name, or read correctly; nothing outside the folder is read."""

import io
import os
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from data.errors import TriviumError
from data.files import together
from data.import_documents import Imported, file_name, import_documents, write_document
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


def _import(source: Path, folder: Path) -> Imported:
    with together() as files:
        return import_documents(source, folder, silent, files)


@pytest.fixture
def imported(source: Path, tmp_path: Path) -> Imported:
    return _import(source, tmp_path / "documents")


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
        ("blank.pdf", "no text"),
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


def test_names_that_differ_in_signs_only_come_in_under_names_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in ("F++.md", "F#.md", "tide table.md", "tide: table.md", "Tide_table.md"):
        (source / name).write_text(f"Text of {name}", encoding="utf-8")
    done = _import(source, tmp_path / "out")
    assert sorted(done.documents) == ["F#.md", "F++.md", "Tide_table.md", "tide_table-2.md", "tide_table-3.md"]
    assert not done.skipped
    again = _import(source, tmp_path / "out")
    assert (again.documents, again.skipped) == (done.documents, {}), "a second time, nothing is new"
    texts = {(tmp_path / "out" / target).read_text(encoding="utf-8") for target in done.documents}
    assert len(texts) == 5
    assert done.names["tide: table.md"] in ("tide_table-2.md", "tide_table-3.md")


@pytest.mark.parametrize("stem", ["a very long name of a file " * 20, "港の規則" * 60, "ÄÖÜ" * 100])
def test_long_names_keep_their_beginning_and_ending(stem: str) -> None:
    for ending in (".md", ".pdf.md"):
        name = file_name(stem + ending)
        assert len(name.encode()) <= 200
        assert name.endswith(ending)
        assert name.startswith(file_name(stem[:10]))
        assert file_name(stem + "x" + ending) != name


def test_a_path_that_is_too_long_is_named_and_the_rest_comes_in(tmp_path: Path) -> None:
    source, part = tmp_path / "in", "d" * 200
    source.mkdir()
    (source / "a.md").write_text("An otter.", encoding="utf-8")
    here = os.open(source, os.O_RDONLY)
    for _ in range(25):
        os.mkdir(part, dir_fd=here)
        inner = os.open(part, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    done = _import(source, tmp_path / "out")
    assert done.documents == ["a.md"]
    assert [reason for reason in done.skipped.values() if "too long" in reason]


def test_links_to_themselves_and_pipes_are_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "l.md").symlink_to("l.md")
    os.mkfifo(tmp_path / "in" / "p.md")
    (tmp_path / "in" / "ok.md").write_text("An otter.", encoding="utf-8")
    done = _import(tmp_path / "in", tmp_path / "out")
    assert done.documents == ["ok.md"]
    assert set(done.skipped) == {"l.md", "p.md"}


def test_the_domain_that_is_imported_into_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("An otter.", encoding="utf-8")
    for _ in range(2):
        assert _import(tmp_path, tmp_path / "domain" / "documents").documents == ["a.md"]


def test_titles_are_kept_as_first_lines(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text("<title>Pets</title><p>Dogs are free.", encoding="utf-8")
    (tmp_path / "in" / "b.md").write_text("---\ntitle: Cats\n---\n# Cats\n\nToo.", encoding="utf-8")
    _import(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out" / "a.html.md").read_text(encoding="utf-8") == "# Pets\n\nDogs are free.\n"
    assert (tmp_path / "out" / "b.md").read_text(encoding="utf-8") == "# Cats\n\nToo.\n"


def test_another_document_of_the_same_name_stays_as_it_is(tmp_path: Path) -> None:
    with together() as files:
        write_document(files, tmp_path / "out", "a.md", "one\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("two", encoding="utf-8")
    (tmp_path / "in" / "b.md").write_text("three", encoding="utf-8")
    done = _import(tmp_path / "in", tmp_path / "out")
    assert done.documents == ["b.md"]
    assert "another document" in done.skipped["a.md"]
    assert (tmp_path / "out" / "a.md").read_text(encoding="utf-8") == "one\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.md", "b.md"]
