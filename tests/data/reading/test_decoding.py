"""Text comes out right in the code pages that people's files are in."""

import pytest

from data.reading.decoding import declared_charset, decode

SENTENCES = {
    "cs": ("Muzeum otevírá ve středu; žáci platí čtyřicet korun ředitel bydlí v přízemí.", ["cp1250", "iso8859-2"]),
    "pl": ("Zażółcony łabędź śpi w źródle, a pięć gęsi płynie wzdłuż ścieżki do młyna.", ["cp1250", "iso8859-2"]),
    "el": ("Το μουσείο ανοίγει την Τετάρτη και η είσοδος κοστίζει τέσσερα ευρώ.", ["cp1253", "iso8859-7"]),
    "tr": ("Müze çarşamba günü açılır; öğrenciler için giriş ücreti dört liradır, şoförler içeri girmez.", ["cp1254"]),
    "ru": ("Музей открыт по средам, вход стоит сорок рублей, дети проходят бесплатно.", ["cp1251", "koi8-r"]),
    "ja": ("博物館は水曜日に開きます。入場料は四百円で、子供は無料です。", ["cp932", "euc_jp", "iso2022_jp"]),
    "fr": ("Le musée ouvre à midi ; l’entrée coûte quatre euros, élèves gratuits.", ["cp1252"]),
    "de": ("Das Museum öffnet mittwochs für Schüler; der Eintritt beträgt fünf Euro, Führungen größer.", ["cp1252"]),
}  # fmt: skip


@pytest.mark.parametrize("encoding", [(s, e) for s, encodings in SENTENCES.values() for e in encodings])
def test_code_pages(encoding: tuple[str, str]) -> None:
    text, name = encoding
    assert decode(text.encode(name)) == (text, "")


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_with_and_without_marks(name: str) -> None:
    assert decode("Pier 7 – öffnet um 9".encode(name)) == ("Pier 7 – öffnet um 9", "")


def test_what_is_declared_comes_first() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1250"><p>Šťáva</p>'.encode("cp1250")
    assert declared_charset(page) == "windows-1250"
    assert decode(page, declared_charset(page))[0].endswith("<p>Šťáva</p>")
    sheet = "<?xml version='1.0' encoding='iso-8859-5'?><p>Сок</p>".encode("iso8859-5")
    assert decode(sheet, declared_charset(sheet))[0].endswith("<p>Сок</p>")


def test_utf8_is_read_as_such_even_if_something_else_is_declared() -> None:
    assert decode('<meta charset="iso-8859-1">Größe'.encode(), "iso-8859-1")[0].endswith("Größe")


def test_an_unknown_name_is_ignored() -> None:
    assert decode("Größe und Höhe der Brücke".encode("cp1252"), "x-unknown")[0] == "Größe und Höhe der Brücke"


def test_a_file_too_short_to_tell_is_said_to_be() -> None:
    text, note = decode("Fähre".encode("cp1252"))
    assert text == "Fähre"
    assert "too short to tell" in note


@pytest.mark.parametrize("raw", [b"abc\x00def", b"\x7fELF\x02\x01\x00\x00\x00\x01"])
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="NUL"):
        decode(raw)


def test_utf8_with_a_wrong_byte_stays_utf8() -> None:
    text, note = decode("Die Fähre fährt für Gäste über den Fluß, täglich ".encode() + b"\x96 auch sonntags.")
    assert text == "Die Fähre fährt für Gäste über den Fluß, täglich \ufffd auch sonntags."
    assert note.startswith("1 place is not UTF-8")
