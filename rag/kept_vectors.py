"""Embedding that goes on where it was stopped: each batch is written to a file as soon as it is computed."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from data.files import continued
from data.progress import Progress, silent
from rag.embed import Embedder
from rag.vectors import Vectors

_BATCH = 256  # texts between two writes
_CHECK = 4  # bytes of the checksum after each batch


def embed_into(folder: Path, texts: Sequence[str], embedder: Embedder, progress: Progress) -> Vectors:
    """Vectors of the texts, float32 (texts, dimensions), the longest first so that little is padded.

    What an earlier, interrupted call has written for the same texts and model is used, up to the first batch that is
    torn or damaged. `forget` removes the file when the vectors are safe elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not texts:
        return embedder.encode(texts)
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    path = _file(folder, texts, embedder)
    size = embedder.encode([texts[order[0]]]).shape[1]
    vectors = np.empty((len(texts), size), dtype=np.float32)
    done = 0
    for rows in _whole_batches(path, size, len(texts)):
        vectors[order[done : done + len(rows)]] = rows
        done += len(rows)
    with continued(path, keep=4 * size * done + _CHECK * -(-done // _BATCH)) as file:
        for places in _batches(order[done:]):
            rows = np.ascontiguousarray(embedder.encode([texts[place] for place in places], silent), dtype=np.float32)
            vectors[places] = rows
            file.write(rows.tobytes() + _checksum(rows.tobytes()))
            file.flush()
            done += len(places)
            progress("embedding", done, len(order))
    return vectors


def _batches(order: Sequence[int]) -> Iterator[list[int]]:
    for at in range(0, len(order), _BATCH):
        yield list(order[at : at + _BATCH])


def _checksum(content: bytes) -> bytes:
    return crc32(content).to_bytes(_CHECK, "big")


def _whole_batches(path: Path, size: int, count: int) -> Iterator[Vectors]:
    """The batches at the beginning of the file that are as they were written."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for at in range(0, count, _BATCH):
            content = file.read(4 * size * min(_BATCH, count - at))
            if len(content) < 4 * size * min(_BATCH, count - at) or file.read(_CHECK) != _checksum(content):
                return
            yield np.frombuffer(content, dtype=np.float32).reshape(-1, size)


def forget(folder: Path, texts: Sequence[str], embedder: Embedder) -> None:
    """Remove what `embed_into` has kept."""
    _file(folder, texts, embedder).unlink(missing_ok=True)


def _file(folder: Path, texts: Sequence[str], embedder: Embedder) -> Path:
    key = hashlib.sha256(embedder.fingerprint.encode())
    for text in texts:
        key.update(hashlib.sha256(text.encode()).digest())
    return folder / f".embedding-{key.hexdigest()[:16]}"
