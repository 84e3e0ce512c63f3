"""Front matter gives the title and goes; files written into the text go."""

import pytest

from data.reading.text import read, without_data_uris, without_front_matter


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("---\ntitle: Pets on board\ndate: 2026-01-02\n---\n\nDogs are free.", "Pets on board", "\nDogs are free."),
        ('---\nTitle: "Dogs: all of them"\n...\nText', "Dogs: all of them", "Text"),
        ("---\ntitle: >-\n  Two\n  lines\n---\nText", "Two lines", "Text"),
        ("+++\ntitle = 'Cats'\n[params]\nx = 1\n+++\nText", "Cats", "Text"),
        ("---\nlayout: page\n---\nText", "", "Text"),
        ("---\n---\nText", "", "Text"),
        ("---\na: &a [1, 1]\nb: &b [*a, *a]\ntitle: [*b, *b]\n---\nText", "", "Text"),
        ("---\ntitle: 2026\n---\nText", "2026", "Text"),
        ("---\n\nA line between rules.\n\n---\nText", "", "---\n\nA line between rules.\n\n---\nText"),
        ("--- \nno end", "", "--- \nno end"),
        ("---\na: [b\n---\nText", "", "---\na: [b\n---\nText"),
        ("Text\n---\ntitle: x\n---\n", "", "Text\n---\ntitle: x\n---\n"),
        ("---\n" + "a: &a [" * 900 + "\n---\nText", "", "---\n" + "a: &a [" * 900 + "\n---\nText"),
    ],
)
def test_front_matter(text: str, title: str, body: str) -> None:
    assert without_front_matter(text) == (title, body)


def test_windows_line_ends_in_front_matter() -> None:
    reading = read(b"---\r\ntitle: Pets\r\n---\r\nDogs.\r\n")
    assert (reading.title, reading.text) == ("Pets", "Dogs.\n")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a ![plan](data:image/jpeg;base64,/9j/4AAQ==) b", "a plan b"),
        ('a ![plan](data:image/png;base64,AAAA "big") b', "a plan b"),
        ("[1]: <data:image/png;base64,AAAA>", "[1]: <>"),
        ("<img src='data:image/svg+xml;charset=utf-8,%3Csvg%3E'> b", "<img src=''> b"),
        ("The data: image/png files, data:5", "The data: image/png files, data:5"),
        ("![one](a.png)", "![one](a.png)"),
    ],
)
def test_data_uris(text: str, rest: str) -> None:
    assert without_data_uris(text) == rest


def test_large_and_odd_images_take_no_time() -> None:
    big = "![x](data:image/png;base64," + "QUJD" * 500_000 + ")"
    assert without_data_uris(f"a {big} b") == "a x b"
    odd = "![" * 100_000 + "data:" * 100_000
    assert without_data_uris(odd) == odd


def test_comments_marks_and_escapes_of_markdown() -> None:
    text = b"<!-- draft -->Set MAX\\_OPEN to 2\\*3.<!-- a\nb --> It has 10<sup>4</sup> m<sup>2</sup>, CO<sub>2</sub>."
    assert read(text).text == "Set MAX_OPEN to 2*3. It has 10^4 m^2, CO2."
    assert read(b"<!--" * 50_000 + b"x").text.endswith("x")
