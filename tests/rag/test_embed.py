"""Vectors that nothing could find are refused, and the fingerprint tells two models apart."""

from typing import Any

import numpy as np
import pytest

from data.errors import TriviumError
from rag.embed import SentenceEmbedder


@pytest.fixture(scope="module")
def minilm() -> SentenceEmbedder:
    return SentenceEmbedder()


def test_nothing_to_embed_gives_no_vectors(minilm: SentenceEmbedder) -> None:
    assert minilm.encode([]).shape == (0, 384)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_a_useless_vector_is_refused(minilm: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    encode = minilm.network.encode

    def damaged(texts: Any, **options: Any) -> Any:
        vectors = encode(texts, **options)
        vectors[-1] = value
        return vectors

    monkeypatch.setattr(minilm.network, "encode", damaged)
    with pytest.raises(TriviumError, match=r"no usable vector .* 1 of 2 texts, such as 'b'"):
        minilm.encode(["longer text", "b"])


def test_the_fingerprint_follows_every_weight(minilm: SentenceEmbedder) -> None:
    before = minilm.fingerprint
    assert SentenceEmbedder().fingerprint == before
    changed = SentenceEmbedder()
    *_, last = changed.network.parameters()
    last.data.view(-1)[-1] += 1e-3
    assert changed.fingerprint != before
