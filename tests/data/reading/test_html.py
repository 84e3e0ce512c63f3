"""Web pages: what a visitor reads comes out, in order, in whole words; what is hidden stays out."""

import pytest

from data.reading.html import html_to_markdown, read


def _text(html: str) -> str:
    return html_to_markdown(html).text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<p>Set <code>MAX_OPEN_FILES</code> to 2*1024 in <b>my_app.cfg</b>.",
            "Set MAX_OPEN_FILES to 2*1024 in my_app.cfg.",
        ),
        ("<p>A</p><p>B", "A\n\nB"),
        ("<p>遊覧船は\n  十人乗り\r\nである。\nKiri 号", "遊覧船は十人乗りである。 Kiri 号"),
        ("<pre>一行\n二行</pre>", "```\n一行\n二行\n```"),
        ("<h2>Fares</h2>text", "## Fares\n\ntext"),
        ("one<br>two", "one\ntwo"),
        ("<p>a &lt;b&gt; &amp; c&nbsp;d&shy;e&#8203;f", "a <b> & c def"),
        ("<ul><li>A<li>B<ul><li>C</ul><li>D</ul>", "- A\n- B\n  - C\n- D"),
        ("<ol start=4><li>D<li>E</ol>", "4. D\n5. E"),
        ("<dl><dt>Dog<dd>free</dl>", "Dog\nfree"),
        ("<pre>\nif a_b:\n    c()\n</pre>", "```\nif a_b:\n    c()\n```"),
        ("<p>in<i>separ</i>able <span>wo</span>rds", "inseparable words"),
        ("<img alt='Map of the pier' src='data:image/png;base64,AAAA'>", "Map of the pier"),
        ("<a href='data:text/plain;base64,QUJD'>file</a>", "file"),
        ("<ruby>駅<rp>(</rp><rt>えき</rt><rp>)</rp></ruby>", "駅(えき)"),
    ],
)
def test_text(html: str, text: str) -> None:
    assert _text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<p hidden>secret", "<div style='color:red; display: none'>secret</div>", "<p style='visibility:hidden'>secret",
        "<script>secret</script>", "<template>secret</template>", "<dialog>secret</dialog>", "<!-- secret -->",
        "<nav>secret</nav>", "<div role=navigation>secret</div>", "<noscript>secret</noscript>",
        "<input type=hidden value=secret>",
    ],
)  # fmt: skip
def test_what_is_hidden_stays_out(html: str) -> None:
    assert _text(f"<p>seen</p>{html}") == "seen"


def test_struck_text_is_left_out_with_a_note() -> None:
    reading = html_to_markdown(
        "<p>The fare is <del>4</del> 5 pounds, <b style='text-decoration:line-through'>daily</b> weekly."
    )
    assert reading.text == "The fare is 5 pounds, weekly."
    assert reading.notes == ("left out: 2 passages, struck through",)


def test_the_title_stands_in_where_there_is_no_first_heading() -> None:
    assert html_to_markdown("<title>Pets -\n Harbour</title><h2>Dogs</h2>").title == "Pets - Harbour"
    assert html_to_markdown("<title>Pets</title><h1>Dogs</h1>").title == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("8 &times; 10<sup>-3</sup> g", "8 × 10^-3 g"),
        ("90 km<sup>2</sup> of forest", "90 km^2 of forest"),
        ("the 3<sup>rd</sup> of M<sup>lle</sup> Roux", "the 3rd of Mlle Roux"),
        ("CO<sub>2</sub> and Ca(OH)<sub>2</sub>", "CO2 and Ca(OH)2"),
        ("v<sub>max</sub> = 4", "v_max = 4"),
        ("It closed.<sup><a href='#n3'>3</a></sup> Then", "It closed. [3] Then"),
        ("90<sup>a</sup> euros<p><sup>a</sup> with tax", "90 [a] euros\n\n[a] with tax"),
        ("Harbour<sup>2</sup> news", "Harbour [2] news"),
        ("a price*<sup>†</sup>", "a price* [†]"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup><mfrac><mrow><mi>a</mi><mn>1</mn></mrow><mi>b</mi></mfrac></math>",
         "x^2 (a 1)/b"),
    ],
)  # fmt: skip
def test_raised_and_lowered(html: str, text: str) -> None:
    assert _text(f"<p>{html}") == text


def test_cells_that_span_others_hold_in_each() -> None:
    table = """<table><tr><th rowspan=2>Ship<th colspan=2>Places<tr><th>cars<th>vans
    <tr><td rowspan=2>Otter<td>12<td>3<tr><td>14<td>2</table>"""
    assert _text(table).splitlines() == [
        "| Ship | Places | Places |", "| --- | --- | --- |", "| Ship | cars | vans |", "| Otter | 12 | 3 |",
        "| Otter | 14 | 2 |",
    ]  # fmt: skip


def test_the_foot_of_a_table_comes_last() -> None:
    table = "<table><thead><tr><th>a<th>b</thead><tfoot><tr><td>all<td>9</tfoot><tbody><tr><td>x<td>4</table>"
    assert _text(table).splitlines() == ["| a | b |", "| --- | --- |", "| x | 4 |", "| all | 9 |"]


def test_lists_breaks_and_tables_in_cells_stay_in_their_cell() -> None:
    table = """<table><tr><th>Day<th>What<tr><td>Mon<br>Tue<td><ul><li>tea<li>soup</ul>
    <tr><td>Wed<td><table><tr><td>ham<td>4<tr><td>egg<td>3</table></table>"""
    assert _text(table).splitlines()[2:] == ["| Mon Tue | tea; soup |", "| Wed | ham, 4; egg, 3 |"]


def test_tables_that_only_lay_out_a_page_are_no_tables() -> None:
    assert (
        _text("<table><tr><td><h1>Ferry</h1><p>It sails.</p></td><td>News</td></tr></table>")
        == "# Ferry\n\nIt sails.\n\nNews"
    )
    assert _text("<table role=presentation><tr><td>a<td>b</table>") == "a\n\nb"


def test_end_tags_that_html_lets_out() -> None:
    rows = "".join(f"<tr><td>row {n}<td>{n * 2}" for n in range(5000))
    lines = _text(f"<table><tr><th>name<th>value{rows}</table>").splitlines()
    assert len(lines) == 5002
    assert lines[-1] == "| row 4999 | 9998 |"
    assert _text("<p>x\n" * 5000).split("\n\n") == ["x"] * 5000


@pytest.mark.parametrize("html", ["<div>", "<b>", "<ul><li>", "<table><tr><td>", "<sup>", "<blockquote><p>", "<ruby>"])
def test_nesting_of_any_depth(html: str) -> None:
    assert "deep" in _text(html * 3000 + "deep")


def test_xhtml_with_elements_closed_in_themselves() -> None:
    page = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/><script src='a.js'/></head>"
    assert _text(f"{page}<body><a id='x'/><p>Kept.</p></body></html>") == "Kept."


def test_declared_charset() -> None:
    assert read("<meta charset=windows-1253><p>Νησί".encode("cp1253")).text == "Νησί"


def test_front_matter_of_generators_of_pages() -> None:
    reading = read(b"---\ntitle: Pets\nlayout: page\n---\n<p>Dogs are free.")
    assert (reading.title, reading.text) == ("Pets", "Dogs are free.")
