"""Values of cells: what is missing, what is zero, what is a list, what is prose."""

import math
from typing import Any

import pytest

from data.questions.cells import Context, contexts, identifier, is_lost, is_missing, texts, truth


@pytest.mark.parametrize(
    ("value", "missing", "lost"),
    [
        (None, True, False), ("", True, False), ("  ", True, False), (math.nan, True, True), (math.inf, True, True),
        ("NaN", True, True), ("null", True, True), ("<NA>", True, True), (0, False, False), (False, False, False),
        ("0", False, False), ("none", False, False), ("n/a", False, False), ([], False, False),
    ],
)  # fmt: skip
def test_missing_lost_zero_and_false_are_told_apart(value: Any, missing: bool, lost: bool) -> None:
    assert (is_missing(value), is_lost(value)) == (missing, lost)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, []), ("", []), ([], []), (0, ["0"]), (False, ["false"]), ([0], ["0"]), ([False, 7.0], ["false", "7"]),
        (["tide", None, ""], ["tide"]), ("tide | low water", ["tide", "low water"]), ("tide|ebb", ["tide|ebb"]),
        ('["tide", "ebb"]', ["tide", "ebb"]), ("['tide' 'ebb']", ["tide", "ebb"]), ("[Redacted]", ["[Redacted]"]),
        ("[sic] tide", ["[sic] tide"]), ({"text": ["ebb"], "answer_start": [4]}, ["ebb"]),
        ([{"text": "ebb", "answer_start": 4}, {"text": "ebb"}], ["ebb"]), ("None", ["None"]),
        ({"value": "ebb", "aliases": ["low tide"]}, ["ebb", "low tide"]), ((" ebb ",), ["ebb"]), ("3.10", ["3.10"]),
    ],
)  # fmt: skip
def test_forms_of_an_answer(value: Any, found: list[str]) -> None:
    assert texts(value) == found


@pytest.mark.parametrize("value", ["['tide', 'eb", "['a' 'b' ... 'z']", '["tide"', {"score": 1}, [{"score": 1}]])
def test_a_list_that_is_cut_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="it holds a"):
        texts(value)


TABLE = "Fares\n\n| who | price |\n| --- | --- |\n| dog | free |"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (TABLE, [Context(TABLE)]),
        ([TABLE, "More."], [Context(TABLE), Context("More.")]),
        ("Quay: 1 | 2 | 3", [Context("Quay: 1 | 2 | 3")]),
        ("['One.'\n 'Two.']", [Context("One."), Context("Two.")]),
        ([["A", ["One.", "Two."]], ["B", ["Three."]]], [Context("One. Two.", "A"), Context("Three.", "B")]),
        ({"title": ["Tarsa"], "sentences": [["One.", "Two."]]}, [Context("One. Two.", "Tarsa")]),
        ([{"title": "Tarsa", "text": "One."}, {"page_content": "Two."}], [Context("One.", "Tarsa"), Context("Two.")]),
        (["One.", "Two."], [Context("One."), Context("Two.")]),
        ([["One.", "Two."]], [Context("One."), Context("Two.")]),
        (None, []), ("", []), ([], []), ([None, ""], []), ("nan", []),
    ],
)  # fmt: skip
def test_contexts_of_every_form(value: Any, found: list[Context]) -> None:
    assert contexts(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (True, True), (False, False), ("True", True), ("FALSE", False), ("yes", True), ("No", False), (1, True),
        (0.0, False), ("0", False), ("", None), (None, None), (math.nan, None),
    ],
)  # fmt: skip
def test_truth_as_text(value: Any, found: bool | None) -> None:
    assert truth(value) is found


@pytest.mark.parametrize("value", ["maybe", "2", "[]", "truee"])
def test_what_is_neither_true_nor_false_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        truth(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [(7, "7"), (7.0, "7"), ("07", "07"), (None, ""), (math.nan, ""), (" a \n b ", "a b"), (2.5, "2.5"), ("nan", "")],
)
def test_identifiers(value: Any, found: str) -> None:
    assert identifier(value) == found


def test_texts_are_cleaned_where_they_enter() -> None:
    assert texts(["\ufb01rst\xa0quay\u200b", "half \ud83d"]) == ["first quay", "half \ufffd"]
