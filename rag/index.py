"""Passages with an index over their vectors, saved to and loaded from a folder."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import replace as with_changes
from pathlib import Path

from data import jsonl
from data.errors import TriviumError
from data.prompt import Passage
from rag.vectors import IndexKind, VectorIndex, Vectors


class PassageIndex:
    """Passages by the row of their vector; `None` stands where a passage was removed from a graph."""

    def __init__(self, rows: Sequence[Passage | None], index: VectorIndex) -> None:
        if index.rows != len(rows):
            raise TriviumError(f"the index holds {index.rows} vectors for {len(rows)} passages; build it again.")
        self._rows, self.index = list(rows), index

    @classmethod
    def build(cls, passages: Sequence[Passage], vectors: Vectors, kind: IndexKind = "auto") -> "PassageIndex":
        return cls(passages, VectorIndex.build(vectors, kind))

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(passage for passage in self._rows if passage is not None)

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Take in more passages; nothing that is there is computed again."""
        self.index.add(vectors)
        self._rows += passages

    def remove(self, document_id: str) -> None:
        """Forget all passages of a document."""
        gone = {row for row, passage in enumerate(self._rows) if passage and passage.document_id == document_id}
        if not gone:
            return
        if self.index.remove(gone):
            self._rows = [passage for row, passage in enumerate(self._rows) if row not in gone]
        else:
            self._rows = [None if row in gone else passage for row, passage in enumerate(self._rows)]

    def replace(self, document_id: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Put new passages in the place of all passages of a document."""
        self.remove(document_id)
        self.add(passages, vectors)

    def search(self, vectors: Vectors, k: int) -> list[list[Passage]]:
        """The k nearest passages for each query vector, best first, with their scores."""
        return [
            [with_changes(passage, score=float(score)) for score, place in zip(row, found, strict=True)
             if place >= 0 and (passage := self._rows[place])]
            for row, found in zip(*self.index.search(vectors, k), strict=True)
        ]  # fmt: skip

    def save(self, folder: Path) -> str:
        """Write passages and vectors; returns the SHA-256 over both files. The vectors appear last, and whole."""
        folder.mkdir(parents=True, exist_ok=True)
        jsonl.write(folder / "passages.jsonl", (passage and asdict(passage) for passage in self._rows))
        self.index.save(folder / "vectors.faiss")
        return digest(folder)

    @classmethod
    def load(cls, folder: Path) -> "PassageIndex":
        """The passages in memory, the vectors mapped from their file."""
        rows = [Passage(**row) if row else None for row in jsonl.read(folder / "passages.jsonl")]
        removed = [number for number, row in enumerate(rows) if row is None]
        return cls(rows, VectorIndex.map(folder / "vectors.faiss", removed))


def digest(folder: Path) -> str:
    """SHA-256 over the files of a saved index."""
    total = hashlib.sha256()
    for name in ("passages.jsonl", "vectors.faiss"):
        with (folder / name).open("rb") as file:
            while block := file.read(2**20):
                total.update(block)
    return total.hexdigest()
