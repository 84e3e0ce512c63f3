"""What systems say is data: cleaned, cut, and refused where it is not an answer."""

import pytest

from evaluation.contest.reply import MAX_PASSAGES, MAX_TEXT, ReturnedPassage, Unusable, reply_of


def test_a_text_or_a_record() -> None:
    assert reply_of(" An otter. ").answer == "An otter."
    whole = reply_of({
        "answer": "otter", "passages": [{"document": "a.md", "text": "T", "score": 1}, "bare"], "model": "x",
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "usd": 0.002},
    })  # fmt: skip
    assert whole.passages == (ReturnedPassage(document="a.md", text="T"), ReturnedPassage(text="bare"))
    assert (whole.usage.prompt_tokens, whole.usage.cached_tokens, whole.usage.usd) == (12, None, 0.002)
    assert reply_of({"answer": "x"}).passages is None
    assert reply_of({"answer": "x", "passages": []}).passages == ()


def test_control_characters_and_halves_of_characters_are_gone() -> None:
    said = reply_of({"answer": "ot\x1b[31mter\ud800\u202e", "passages": [{"document": "a\n\x00b", "text": "x\x07"}]})
    assert said.answer == "otter\ufffd"
    assert said.passages == (ReturnedPassage(document="a b", text="x"),)


def test_what_is_too_long_is_cut_and_told() -> None:
    said = reply_of({"answer": "a" * (MAX_TEXT + 1), "passages": ["p" * (MAX_TEXT + 1)] * (MAX_PASSAGES + 1)})
    assert (len(said.answer), said.cut) == (MAX_TEXT, True)
    assert said.passages is not None
    assert {len(passage.text) for passage in said.passages} == {MAX_TEXT}
    assert len(said.passages) == MAX_PASSAGES
    assert not reply_of("a" * MAX_TEXT).cut


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "null"), (["x"], "a list"), (3, "a number"), ({}, "'answer'"), ({"answer": 3}, "'answer'"),
        ({"answer": None}, "its answer is null"), ({"answer": "x", "passages": "y"}, "'passages'"),
        ({"answer": "x", "passages": [{"document": "d"}]}, r"'passages\.0\.text'"),
        ({"answer": "x", "usage": {"prompt_tokens": -1}}, r"'usage\.prompt_tokens'"),
        ({"answer": "x", "usage": {"usd": float("inf")}}, r"'usage\.usd'"),
    ],
)  # fmt: skip
def test_anything_else_is_no_answer(content: object, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        reply_of(content)
