"""Vectors that nothing could find are refused, and the fingerprint tells two models apart."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from data.errors import TriviumError
from model.weights import DEFAULT_EMBEDDER, embedded_file
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


def _without(folder: Path, part: str) -> str:
    """A folder with the embedded model that lacks the weights with these words in their names."""
    shutil.copytree(embedded_file(DEFAULT_EMBEDDER).parent, folder)
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if part not in name}
    assert len(kept) < len(weights)
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    return str(folder)


def test_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match=r"not whole: 2 weights of it missing, the first: encoder.layer.3.output.d"):
        SentenceEmbedder(_without(tmp_path / "part", "layer.3.output.dense"))


def test_a_pooler_that_nobody_saved_changes_nothing(minilm: SentenceEmbedder, tmp_path: Path) -> None:
    first, again = (SentenceEmbedder(_without(tmp_path / name, "pooler")) for name in ("one", "two"))
    assert first.fingerprint == again.fingerprint
    assert np.array_equal(first.encode(["a boat"]), minilm.encode(["a boat"]))
