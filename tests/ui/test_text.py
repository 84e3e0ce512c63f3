"""Text of documents and models is shown as text."""

from ui.text import marked, plain


def test_quotes_are_marked_and_everything_is_escaped() -> None:
    shown = marked("<b>Boats</b> leave at 9 & at 10.", ["at 9", "nowhere", ""])
    assert "&lt;b&gt;Boats&lt;/b&gt; leave <mark>at 9</mark> &amp; at 10." in shown


def test_the_longer_of_two_quotes_is_marked() -> None:
    assert "<mark>at 9 sharp</mark>" in marked("They leave at 9 sharp.", ["at 9", "at 9 sharp"])


def test_a_quote_may_hold_signs_of_markup() -> None:
    assert "<mark>&lt;script&gt;</mark>(1)" in marked("<script>(1)", ["<script>"])


def test_signs_that_mean_something_are_taken_by_word() -> None:
    assert plain("**bold** [a](b) :red[x] $y$ <i>") == (r"\*\*bold\*\* \[a\]\(b\) \:red\[x\] \$y\$ \<i\>")
