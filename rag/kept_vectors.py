"""Embedding that goes on where it was stopped: each batch is written to a file as soon as it is computed."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data.files import continued
from data.progress import Progress, silent
from rag.embed import Embedder
from rag.vectors import Vectors

_BATCH = 256  # texts between two writes


def embed_into(folder: Path, texts: Sequence[str], embedder: Embedder, progress: Progress) -> Vectors:
    """Vectors of the texts, float32 (texts, dimensions), the longest first so that little is padded.

    What an earlier, interrupted call has written for the same texts is used. `forget` removes the file when the
    vectors are safe elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not texts:
        return embedder.encode(texts)
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    path = _file(folder, texts, embedder)
    first = embedder.encode([texts[order[0]]])
    size = first.shape[1]
    done = path.stat().st_size // (4 * size) if path.exists() else 0
    with continued(path, keep=4 * size * done) as file:  # a vector that was torn by a kill is cut off
        while done < len(order):
            batch = [texts[index] for index in order[done : done + _BATCH]]
            file.write(embedder.encode(batch, silent).astype(np.float32).tobytes())
            file.flush()
            done += len(batch)
            progress("embedding", done, len(order))
    vectors = np.empty((len(texts), size), dtype=np.float32)
    vectors[order] = np.memmap(path, dtype=np.float32, mode="r").reshape(-1, size)
    return vectors


def forget(folder: Path, texts: Sequence[str], embedder: Embedder) -> None:
    """Remove what `embed_into` has kept."""
    _file(folder, texts, embedder).unlink(missing_ok=True)


def _file(folder: Path, texts: Sequence[str], embedder: Embedder) -> Path:
    key = hashlib.sha256(embedder.fingerprint.encode())
    for text in texts:
        key.update(hashlib.sha256(text.encode()).digest())
    return folder / f".embedding-{key.hexdigest()[:16]}"
