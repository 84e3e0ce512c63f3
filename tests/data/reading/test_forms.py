"""Each form of file finds its reader by what it is; tables, mails, e-books and RTF come out as text."""

import pytest

from data.reading.forms import READERS, form_of, read_bytes_as_text
from tests.data.reading.samples import SAMPLES, ebook, mail, packed


@pytest.mark.parametrize("suffix", sorted(SAMPLES))
def test_a_file_is_known_by_its_content(suffix: str) -> None:
    raw = SAMPLES[suffix]()
    assert form_of(raw, suffix) == READERS[suffix]
    assert read_bytes_as_text(raw, suffix).text.strip()
    if suffix in (".pdf", ".docx", ".xlsx", ".pptx", ".epub", ".odt", ".rtf"):
        assert form_of(raw, ".txt") == READERS[suffix], "whatever its name says"
        with pytest.raises(ValueError, match="whatever its name says"):
            form_of(b"plain text", suffix)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\xd0\xcf\x11\xe0rest", "old Office file"),
        (packed({"a.txt": "x"}), "an archive, not a document"),
        (b"PK\x03\x04 cut off", "damaged archive"),
        (packed({"word/document.xml": b" " * (51 * 2**20)}), "unpacks to 51 MiB"),
    ],
)
def test_what_is_no_document(raw: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        form_of(raw, ".docx")


def test_html_in_a_text_file() -> None:
    assert read_bytes_as_text(b"\xef\xbb\xbf<!DOCTYPE html><p>A<p>B", ".txt").text == "A\n\nB"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a,b\n1,2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("Preis;Größe\n1,50;groß\n".encode("cp1252"), "| Preis | Größe |\n| --- | --- |\n| 1,50 | groß |"),
        (b'"a ""x""\tb"\tc\n"two\nlines"\td\n', '| a "x" b | c |\n| --- | --- |\n| two lines | d |'),
        (b"only\none\n", "| only |\n| --- |\n| one |"),
    ],
)  # fmt: skip
def test_tables_of_values(raw: bytes, text: str) -> None:
    assert read_bytes_as_text(raw, ".csv").text == text


@pytest.mark.parametrize("html", [False, True])
def test_mail(html: bool) -> None:
    reading = read_bytes_as_text(mail(html), ".eml")
    assert reading.title == "Pier closed für Gäste"
    assert reading.text.startswith("From: office@skerra.example\nTo: all@skerra.example\nDate: Mon, 02 Mar 2026")
    assert reading.text.endswith("\n\nThe pier is closed until May.")
    assert reading.notes == ("left out: 1 attachment (plan.bin)",)


def test_mail_in_a_code_page() -> None:
    raw = b"From: a@b.example\nSubject: =?iso-8859-2?Q?=B9=BB?=\nContent-Type: text/plain; charset=iso-8859-2\n"
    reading = read_bytes_as_text(raw + b"Content-Transfer-Encoding: 8bit\n\nP\xf8\xedstav je zav\xf8en\xfd.\n", ".eml")
    assert (reading.title, reading.text.splitlines()[-1]) == ("šť", "Přístav je zavřený.")


def test_chapters_in_the_order_of_the_spine() -> None:
    chapters = {"b%20two.xhtml": "<html><head><title/></head><body><h1>Two</h1></body></html>", "a.xhtml": "<p>One</p>"}
    reading = read_bytes_as_text(ebook(chapters), ".epub")
    assert (reading.title, reading.text) == ("The Keeper", "# Two\n\nOne")
    with pytest.raises(ValueError, match="encrypted"):
        read_bytes_as_text(ebook(chapters, extra={"META-INF/encryption.xml": "<EncryptedData/>"}), ".epub")


def test_rich_text() -> None:
    raw = rb"{\rtf1\ansi\ansicpg1252 {\fonttbl{\f0 Arial;}}Gr\'fc\'dfe\par \u8211? 5 \'80\par}"
    assert read_bytes_as_text(raw, ".rtf").text.split() == ["Grüße", "–", "5", "€"]


def test_an_archive_with_a_password_is_refused() -> None:
    raw = bytearray(packed({"word/document.xml": "x"}))
    place = raw.find(b"PK\x01\x02")
    raw[place + 8] |= 1
    with pytest.raises(ValueError, match="encrypted"):
        form_of(bytes(raw), ".docx")
