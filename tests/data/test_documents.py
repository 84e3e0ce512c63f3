"""Text comes out of every kind of document."""

from pathlib import Path

import docx
import pytest

from data.documents import read_document, split_title, unwrapped


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# Handbook\n\nText.", "Handbook", "Text."),
        ("NOTICE: slip\n\nClosed.", "NOTICE: slip", "Closed."),
        ("x" * 91 + "\nText.", "file", "x" * 91 + "\nText."),
        ("Only one line", "file", "Only one line"),
    ],
)
def test_the_first_line_is_the_title_when_it_reads_as_one(text: str, title: str, body: str) -> None:
    assert split_title(text, "file") == (title, body)


def test_html_without_its_scripts(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<h1>Ferry</h1><script>evil()</script><p>Leaves at <b>9</b>.</p>", encoding="utf-8")
    document = read_document(path, tmp_path)
    assert document.title == "Ferry"
    assert "evil" not in document.text
    assert "Leaves at" in document.text


def test_word_file(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("Memo")
    made.add_paragraph("The slip is closed.")
    made.save(str(tmp_path / "memo.docx"))
    document = read_document(tmp_path / "memo.docx", tmp_path)
    assert (document.title, document.text) == ("Memo", "The slip is closed.")


def test_lines_that_a_page_broke_are_joined_again() -> None:
    lines = (
        "Notice to hauliers",
        "Until the beam is replaced the slip is clo-",
        "sed to vehicles over 7.5 tonnes; the work",
    )
    page = "\n".join((*lines, "takes 9 weeks."))
    assert unwrapped(page).splitlines() == [
        "Notice to hauliers",
        "Until the beam is replaced the slip is closed to vehicles over 7.5 tonnes; the work takes 9 weeks.",
    ]
    assert unwrapped("") == ""


def test_western_text_without_a_mark_is_read(tmp_path: Path) -> None:
    for name, text in (("fr.txt", "Où êtes-vous? À midi."), ("quotes.txt", "“No” – he said, ‘it’s £5’…")):
        (tmp_path / name).write_bytes(text.encode("cp1252"))
        assert read_document(tmp_path / name, tmp_path).text == text
    polish = "Zażółć gęślą jaźń, a potem jeszcze raz zażółć gęślą jaźń."
    (tmp_path / "pl.txt").write_bytes(polish.encode("cp1250"))
    assert read_document(tmp_path / "pl.txt", tmp_path).text == polish
