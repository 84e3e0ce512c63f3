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


def test_the_base_models_own_tokens_are_counted(tiny_model: Any) -> None:
    passages = list(chunk([Document(id="a.txt", title="T", text=TEXT)], tiny_model, tokens=16))
    assert all(tiny_model.count_tokens(passage.text) <= 16 for passage in passages)
