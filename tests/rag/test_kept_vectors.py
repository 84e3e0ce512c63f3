"""An embedding that was interrupted goes on, and gives what an uninterrupted one gives."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.progress import silent
from rag import kept_vectors
from rag.kept_vectors import embed_into, forget

TEXTS = [f"otter {'heron ' * (n % 7)}{n}" for n in range(40)]


class _Failing:
    """Embeds some texts, then the power is cut."""

    name, device = "bag-of-words", "cpu"
    fingerprint = "f" * 64

    def __init__(self, embedder: Any, most: int) -> None:
        self.embedder, self.most, self.seen = embedder, most, 0

    def encode(self, texts: Sequence[str], progress: Any = silent) -> Any:
        self.seen += len(texts)
        if self.seen > self.most:
            raise KeyboardInterrupt
        return self.embedder.encode(texts)


def test_it_goes_on_where_it_stopped(embedder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_vectors, "_BATCH", 8)
    expected = embedder.encode(TEXTS)
    with pytest.raises(KeyboardInterrupt):
        embed_into(tmp_path, TEXTS, _Failing(embedder, 20), silent)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes() + b"torn")
    second, steps = _Failing(embedder, 99), []
    found = embed_into(tmp_path, TEXTS, second, lambda step, done, total: steps.append((done, total)))
    assert second.seen == 1 + 24, "16 of 40 were there; one tells the number of dimensions"
    assert steps == [(24, 40), (32, 40), (40, 40)]
    np.testing.assert_array_equal(found, expected)
    forget(tmp_path, TEXTS, second)
    assert not list(tmp_path.iterdir())


def test_other_texts_do_not_use_what_was_kept(embedder: Any, tmp_path: Path) -> None:
    embed_into(tmp_path, TEXTS, embedder, silent)
    found = embed_into(tmp_path, [*TEXTS[1:], "seal"], embedder, silent)
    np.testing.assert_array_equal(found, embedder.encode([*TEXTS[1:], "seal"]))


@pytest.mark.parametrize("place", [3, -3, 500])
def test_a_damaged_batch_is_embedded_again(
    embedder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.setattr(kept_vectors, "_BATCH", 8)
    with pytest.raises(KeyboardInterrupt):
        embed_into(tmp_path, TEXTS, _Failing(embedder, 20), silent)
    (kept,) = tmp_path.iterdir()
    content = bytearray(kept.read_bytes())
    content[place] ^= 1
    kept.write_bytes(content)
    np.testing.assert_array_equal(embed_into(tmp_path, TEXTS, embedder, silent), embedder.encode(TEXTS))
    assert embed_into(tmp_path, TEXTS, _Failing(embedder, 1), silent) is not None, "now all of them are there"


def test_another_model_does_not_use_what_was_kept(embedder: Any, tmp_path: Path) -> None:
    embed_into(tmp_path, TEXTS, embedder, silent)
    other = type(embedder)()
    other.fingerprint = "e" * 64
    other.encode = lambda texts, progress=silent: -embedder.encode(texts)
    np.testing.assert_array_equal(embed_into(tmp_path, TEXTS, other, silent), -embedder.encode(TEXTS))
