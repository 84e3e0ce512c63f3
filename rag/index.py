"""Passages with an index over their vectors, saved to and loaded from a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import replace as with_changes
from pathlib import Path

from data import jsonl
from data.errors import TriviumError
from data.files import regular_size
from data.prompt import Passage
from rag.vectors import AUTO, VectorIndex, Vectors, kind_for, load_index, new_index

PASSAGES = "passages.jsonl"
NO_VECTORS = "none"


class PassageIndex:
    """Passages by the row of their vector; `None` stands where a passage was removed and its row stayed.

    Args:
        rows: a passage for each row of the index, (rows,).
        kind: of the index, as in the table of `rag/vectors.py`; "none": passages alone, which cannot be searched.

    Raises:
        TriviumError: there are more or fewer rows than vectors.
    """

    def __init__(self, rows: Sequence[Passage | None], kind: str, index: VectorIndex | None) -> None:
        if index and index.rows != len(rows):
            raise TriviumError(f"the index holds {index.rows} vectors for {len(rows)} passages; build it again.")
        self._rows, self.kind, self.index = list(rows), kind, index

    @classmethod
    def build(cls, passages: Sequence[Passage], vectors: Vectors | None, kind: str = AUTO) -> PassageIndex:
        """An index over the vectors of the passages, (passages, dimensions); without vectors the passages alone."""
        if vectors is None:
            return cls(passages, NO_VECTORS, None)
        kind = kind_for(kind, len(vectors))
        index = new_index(kind, vectors.shape[1])
        index.add(vectors)
        return cls(passages, kind, index)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Those that can be found, in the order in which they were added."""
        return tuple(passage for passage in self._rows if passage is not None)

    def add(self, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """Take in more passages; nothing that is there is computed again."""
        if self.index and vectors is not None:
            self.index.add(vectors)
        self._rows += passages

    def remove(self, document_id: str) -> None:
        """Forget all passages of a document."""
        gone = {row for row, passage in enumerate(self._rows) if passage and passage.document_id == document_id}
        if not gone:
            return
        if self.index is None or self.index.remove(gone):
            self._rows = [passage for row, passage in enumerate(self._rows) if row not in gone]
        else:
            self._rows = [None if row in gone else passage for row, passage in enumerate(self._rows)]

    def replace(self, document_id: str, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """Put new passages in the place of all passages of a document."""
        self.remove(document_id)
        self.add(passages, vectors)

    def search(self, vectors: Vectors, k: int) -> list[list[Passage]]:
        """The k nearest passages for each query vector, best first, with their scores.

        Raises:
            TriviumError: the passages have no vectors.
        """
        if self.index is None:
            raise TriviumError("these passages were indexed by their words alone.")
        return [
            [with_changes(passage, score=float(score)) for score, place in zip(row, found, strict=True)
             if place >= 0 and (passage := self._rows[place])]
            for row, found in zip(*self.index.search(vectors, k), strict=True)
        ]  # fmt: skip

    def save(self, folder: Path) -> str:
        """Write passages and vectors; returns the SHA-256 over the files."""
        folder.mkdir(parents=True, exist_ok=True)
        jsonl.write(folder / PASSAGES, (passage and asdict(passage) for passage in self._rows))
        if self.index:
            self.index.save(_vectors_file(folder, self.kind))
        return digest(folder, self.kind)

    @classmethod
    def load(cls, folder: Path, kind: str) -> PassageIndex:
        """The passages in memory, the vectors as their index reads them.

        Raises:
            TriviumError: the file of passages is damaged; names the line.
        """
        rows = [Passage(**row) if row else None for row in jsonl.read(folder / PASSAGES)]
        removed = [number for number, row in enumerate(rows) if row is None]
        index = None if kind == NO_VECTORS else load_index(kind, _vectors_file(folder, kind), removed)
        return cls(rows, kind, index)


def _vectors_file(folder: Path, kind: str) -> Path:
    return folder / f"vectors.{kind}"


def digest(folder: Path, kind: str) -> str:
    """SHA-256 over the files of a saved index."""
    total = hashlib.sha256()
    files = [folder / PASSAGES] + ([] if kind == NO_VECTORS else [_vectors_file(folder, kind)])
    for path in files:
        regular_size(path)
        with path.open("rb") as file:
            while block := file.read(2**20):
                total.update(block)
    return total.hexdigest()
