"""A domain's documents: title and text of each file, and nothing that is no file of the domain."""

import os
from pathlib import Path

import pytest

from data.documents import read_documents, split_title, titled
from data.errors import TriviumError
from data.findings import Finding
from data.reading.result import Reading


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Handbook\n\nText.", "Handbook", "Text."),
        ("NOTICE: slip\n\nClosed.", "NOTICE: slip", "Closed."),
        ("x" * 91 + "\nText.", "file", "x" * 91 + "\nText."),
        ("Only one line", "file", "Only one line"),
        ("---\nText.", "file", "---\nText."),
        ("| a | b |\n| --- | --- |", "file", "| a | b |\n| --- | --- |"),
    ],
)
def test_the_first_line_is_the_title_when_it_reads_as_one(text: str, title: str, body: str) -> None:
    assert split_title(text, "file") == (title, body)


def test_a_title_of_its_own_comes_first_and_is_not_repeated() -> None:
    assert titled(Reading("# Dogs\n\nFree.", "Pets"), "file") == ("Pets", "# Dogs\n\nFree.")
    assert titled(Reading("# Pets\n\nFree.", "Pets"), "file") == ("Pets", "Free.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents" / "b").mkdir(parents=True)
    (tmp_path / "documents" / "b" / "two.txt").write_text("Two\n\nText \ufb01ve.", encoding="utf-8")
    (tmp_path / "documents" / "a.md").write_text("---\ntitle: One\n---\nText.", encoding="utf-8")
    (tmp_path / "documents" / ".hidden").write_text("not read", encoding="utf-8")
    return tmp_path / "documents"


def test_every_file_is_a_document_in_the_order_of_paths(folder: Path) -> None:
    found = [(document.id, document.title, document.text) for document in read_documents(folder)]
    assert found == [("a.md", "One", "Text."), ("b/two.txt", "Two", "Text five.")]


@pytest.mark.parametrize("kind", ["pipe", "device", "loop", "outside", "kind", "empty"])
def test_what_is_no_document_of_the_domain_is_named(folder: Path, kind: str) -> None:
    path = folder / "c.md"
    (folder.parent / "secret.md").write_text("secret", encoding="utf-8")
    make = {
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "loop": lambda: path.symlink_to("c.md"),
        "outside": lambda: path.symlink_to(folder.parent / "secret.md"),
        "kind": lambda: (folder / "c.exe").write_bytes(b"MZ"),
        "empty": lambda: path.write_text(" \n***\n", encoding="utf-8"),
    }
    make[kind]()
    with pytest.raises(TriviumError, match=r"c\.(md|exe): (it|not|the link)"):
        list(read_documents(folder))


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_documents_is_named(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "documents").mkdir()
    with pytest.raises(TriviumError, match="the folder is empty" if exists else "no such folder"):
        list(read_documents(tmp_path / "documents"))


def test_what_a_reader_leaves_out_is_a_finding(folder: Path) -> None:
    (folder / "c.html").write_text("<p>The fare is <s>4</s> 5.", encoding="utf-8")
    (folder / "d.txt").write_bytes("Fähre".encode("cp1252"))
    findings: list[Finding] = []
    assert len(list(read_documents(folder, findings))) == 4
    assert [(found.severity, found.place) for found in findings] == [("warning", "c.html"), ("note", "d.txt")]
    assert findings[0].sentence == "left out: 1 passage, struck through"
