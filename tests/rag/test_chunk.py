"""Passages stay below their limit and lose nothing."""

from typing import Any

import pytest

from data.schema import Document
from rag.chunk import chunk

TEXT = "One two three. Four five six seven.\n\n" * 12


class Words:
    def count_tokens(self, text: str) -> int:
        return len(text.split())


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_passages_are_bounded_and_complete(name: str) -> None:
    passages = list(chunk([Document(id=name, title="T", text=TEXT)], Words(), tokens=20))
    assert all(len(passage.text.split()) <= 20 for passage in passages)
    assert " ".join(passage.text for passage in passages).split() == TEXT.split()
    assert [passage.chunk_id for passage in passages] == [f"{name}#{n}" for n in range(len(passages))]


@pytest.mark.parametrize("element", ["![x](data:image/png;base64,{})", "<img src='{}'>", "{}", "`{}`"])
def test_long_elements_are_cut_in_time_with_their_length(element: str) -> None:
    """Characters that are counted, for one length and for twice that."""
    counted = []
    for length in (20_000, 40_000):
        words = Counted()
        text = "# Page\n\nBefore.\n\n" + element.format("QUJD" * (length // 4)) + "\n\nAfter."
        passages = list(chunk([Document(id="a.md", title="T", text=text)], words, tokens=100))
        assert "".join("".join(passage.text.split()) for passage in passages) == "".join(text.split())
        counted.append(words.characters)
    assert counted[1] < 2.5 * counted[0]


class Counted:
    """A token is three characters; remembers how many characters were counted."""

    characters = 0

    def count_tokens(self, text: str) -> int:
        self.characters += len(text)
        return -(-len(text) // 3)


def test_the_base_models_own_tokens_are_counted(tiny_model: Any) -> None:
    passages = list(chunk([Document(id="a.txt", title="T", text=TEXT)], tiny_model, tokens=16))
    assert all(tiny_model.count_tokens(passage.text) <= 16 for passage in passages)
