"""A prompt that is read in pieces is answered as one that is read at once."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from model.decoding import pieces as module
from model.decoding.pieces import pieces
from model.decoding.prefix import SharedPrefix
from model.language_model import Prompt
from model.sampling import Sampling


def test_short_prompts_are_one_piece_and_long_ones_several() -> None:
    assert list(pieces(1)) == [(0, 1)]
    assert list(pieces(8192)) == [(0, 8192)]
    assert list(pieces(9000)) == [(0, 4096), (4096, 8192), (8192, 9000)]
    assert list(pieces(0)) == []


def _words(count: int) -> str:
    return " ".join(f"flag{number} otter heron" for number in range(count))


def test_a_prefix_has_the_same_keys(tiny_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = tiny_model.encode(_words(12))
    assert len(ids) > 3 * 16
    with torch.inference_mode():
        whole = SharedPrefix.read(tiny_model.network, ids)
        monkeypatch.setattr(module, "WHOLE", 20)
        monkeypatch.setattr(module, "PIECE", 16)
        parts = SharedPrefix.read(tiny_model.network, ids)
    for a, b in zip([*whole.keys, *whole.values], [*parts.keys, *parts.values], strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("prefix", [False, True])
def test_answers_are_the_same(tiny_model: Any, monkeypatch: pytest.MonkeyPatch, prefix: bool) -> None:
    """Behind a shared prefix, and where each prompt is read as a whole."""
    prompts = [Prompt.plain(f"{_words(9)} {end}") for end in ("Which animal?", "Answer: heron")]
    shared = tiny_model.prefix_of(prompts) if prefix else []
    if not prefix:
        tiny_model.shares_prefixes = False
    read: list[int] = []
    forward = tiny_model.network.model.forward

    def counted(*arguments: Any, input_ids: Any = None, **options: Any) -> Any:
        read.append(input_ids.shape[1])
        return forward(*arguments, input_ids=input_ids, **options)

    def answers() -> Sequence[str]:
        tiny_model.forget_prefixes()
        found = {}
        for batch in tiny_model.generate(prompts, Sampling(max_new_tokens=6, stop=()), shared, batch_size=1):
            found |= {place: answer.text for place, answer in batch}
        return [found[place] for place in sorted(found)]

    expected = answers()
    monkeypatch.setattr(tiny_model.network.model, "forward", counted)
    monkeypatch.setattr(module, "WHOLE", 20)
    monkeypatch.setattr(module, "PIECE", 16)
    assert answers() == expected
    assert max(read) <= 20
    assert read.count(16) >= 2
