"""Word differences, checked by hand and against what they are made from."""

from hypothesis import given
from hypothesis import strategies as st

from ui.differences import differences, words_of_both


def test_what_is_gone_and_what_is_new() -> None:
    found = list(words_of_both("It takes 24 months, as a rule", "It takes two years, as a rule"))
    assert found == [("same", " It takes"), ("gone", " 24 months,"), ("new", " two years,"), ("same", " as a rule")]


def test_markup_in_an_answer_is_text() -> None:
    shown = differences("<b>old</b>", "<script>alert(1)</script>")
    assert "<del>&lt;b&gt;old&lt;/b&gt;</del>" in shown
    assert "<ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>" in shown


@given(st.text(alphabet="ab \n"), st.text(alphabet="ab \n"))
def test_both_texts_can_be_read_off_again(before: str, after: str) -> None:
    found = list(words_of_both(before, after))
    assert "".join(text for kind, text in found if kind != "new").split() == before.split()
    assert "".join(text for kind, text in found if kind != "gone").split() == after.split()
