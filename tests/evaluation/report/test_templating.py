"""What templates may call."""

from evaluation.report.templating import bold_numbers, slug


def test_numbers_are_bold_and_markup_is_text() -> None:
    assert str(bold_numbers("54 of 110 (49%) <b>&#39;")) == (
        "<b>54</b> of <b>110</b> (<b>49%</b>) &lt;b&gt;&amp;#<b>39</b>;"
    )
    assert str(bold_numbers("for $1.20, about 14,000.")) == "for <b>$1.20</b>, about <b>14,000</b>."


def test_a_title_as_a_place() -> None:
    assert slug("Time, tokens and memory") == "time-tokens-and-memory"
    assert slug("“”") == "section"
