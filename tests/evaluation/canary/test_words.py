"""Invented words are nowhere else, and a value is known in every way in which it may be written."""

import pytest
from rapidfuzz.distance import Levenshtein

from evaluation.canary.words import Inventor, says


def test_nothing_is_given_twice_or_stands_in_the_texts() -> None:
    first = Inventor("", 0)
    names, numbers = [first.name() for _ in range(100)], [first.value("number") for _ in range(100)]
    assert len({*numbers}) == 100
    assert min(Levenshtein.distance(a, b) for a in names for b in names if a != b) >= 3
    texts = f"The {names[0].upper()} of 12 {numbers[0]}, and {numbers[1][0]},{numbers[1][1:]} of them."
    other = Inventor(texts, 0)
    assert names[0] not in [other.name() for _ in range(100)]
    assert not {numbers[0], numbers[1]} & {other.value("number") for _ in range(2000)}
    assert [Inventor("", 0).name(), Inventor("", 1).name()] == [names[0], Inventor("", 1).name()]
    assert Inventor("", 1).name() != names[0]


@pytest.mark.parametrize("kind", ["number", "code", "person"])
def test_a_value_is_known_again(kind: str) -> None:
    value = Inventor("", 0).value(kind)  # type: ignore[arg-type]
    assert says(f"It is **{value}**.", value)
    assert says(value.upper(), value)
    assert not says(value[:-1], value)
    assert not says(f"{value}7", value)


@pytest.mark.parametrize(
    ("reply", "known"),
    [
        ("4718", True), ("4,718 entries", True), ("4.718 Einträge", True), ("4 718", True), ("4\u202f718", True),
        ("4'718", True), ("記載は4718件です。", True), ("14,718", False), ("47180", False), ("4,7 18", False),
        ("unknown", False), ("", False),
    ],
)  # fmt: skip
def test_numbers_in_every_grouping(reply: str, known: bool) -> None:
    assert says(reply, "4718") is known
