"""Lists as Python and numpy print them."""

from typing import Any

import pytest

from data.questions.literals import literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['quay', 'slip']", ["quay", "slip"]),
        ("['quay' 'slip']", ["quay", "slip"]),
        ("['quay'\n 'slip']", ["quay", "slip"]),
        ('[\'it\\\'s\' "say \\"aye\\""]', ["it's", 'say "aye"']),
        ("array(['quay', 'slip'], dtype=object)", ["quay", "slip"]),
        ("array(['quay'], dtype='<U4')", ["quay"]),
        ("[array(['a b.'], dtype=object)\n array(['c.'], dtype=object)]", [["a b."], ["c."]]),
        ("('quay', 'slip')", ["quay", "slip"]),
        ("{'quay', 'slip'}", ["quay", "slip"]),
        ("[1 2.  3.5]", ["1", "2", "3.5"]),
        ("[None, True, nan]", [None, True, None]),
        ("{'text': array(['free'], dtype=object), 'start': array([12])}", {"text": ["free"], "start": ["12"]}),
        ("[['Tarsa', ['One.', 'Two.']]]", [["Tarsa", ["One.", "Two."]]]),
        ("['caf\\xe9' 'b\\u00e4r\\n']", ["café", "bär\n"]),
    ],
)
def test_what_is_printed_is_read(text: str, value: Any) -> None:
    assert literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "['quay', 'slip'", "['a' 'b' ... 'z']", "['quay')", "]", "'quay'", "['a'] ['b']", "{'a': }", "['a': 'b']",
        "[" * 30 + "]" * 30, "['a' and 'b']", "", "[lambda: 1]", "__import__('os')",
    ],
)  # fmt: skip
def test_what_is_none_or_cut_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"list|record|brackets|colon"):
        literal(text)
