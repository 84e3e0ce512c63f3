"""Text of documents and models is shown as text."""

from ui.text import MARK, marked, plain, swatch


def test_quotes_are_marked_and_everything_is_escaped() -> None:
    shown = marked("<b>Boats</b> leave at 9 & at 10.", ["at 9", "nowhere", ""])
    assert f"&lt;b&gt;Boats&lt;/b&gt; leave {MARK}at 9</mark> &amp; at 10." in shown


def test_the_longer_of_two_quotes_is_marked() -> None:
    assert f"{MARK}at 9 sharp</mark>" in marked("They leave at 9 sharp.", ["at 9", "at 9 sharp"])


def test_a_quote_may_hold_signs_of_markup() -> None:
    assert f"{MARK}&lt;script&gt;</mark>(1)" in marked("<script>(1)", ["<script>"])


def test_signs_that_mean_something_are_taken_by_word() -> None:
    assert plain("**bold** [a](b) :red[x] $y$ <i>") == (r"\*\*bold\*\* \[a\]\(b\) \:red\[x\] \$y\$ \<i\>")


def test_names_are_text_beside_a_spot_of_colour() -> None:
    shown = swatch("<b>rag</b>", '#0083d6" onclick="alert(1)', "<i>")
    assert "&lt;b&gt;rag&lt;/b&gt;" in shown
    assert "&lt;i&gt;" in shown
    assert 'onclick="' not in shown
