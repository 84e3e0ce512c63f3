"""An index whose search is a Qdrant server's. The run keeps the vectors, in a file that the server's can be made from.

So a run is whole by itself: it can be copied, exported and searched beside another server. Documents that change are
searched in this process, beside the collection, which stays as it was filled.
"""

from collections.abc import Collection as Numbers
from pathlib import Path
from typing import Self

import numpy as np

from data.cache_entry import sha256_of
from data.files import replacing
from rag.qdrant_collection import Collection
from rag.qdrant_server import asking, connect
from rag.vectors import Rows, Vectors

_SPARE = 10  # more rows than asked for, so that of those with equal scores the first are taken


class QdrantIndex:
    """Rows of a collection, and after them those that were added since. Removed rows keep their numbers."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._kept: Collection | None = None
        self._added: list[Vectors] = []
        self._removed: set[int] = set()

    @classmethod
    def check(cls) -> None:
        """Raises TriviumError where there is no server: said before a run has computed anything."""
        client = connect()
        with asking():
            client.get_collections()

    @classmethod
    def load(cls, path: Path, removed: Numbers[int] = ()) -> Self:
        """Map the file, and see that the server has its rows.

        Raises:
            TriviumError: the server cannot be reached, or refuses.
        """
        made = cls(0)
        made._take(path)
        made._removed = set(removed)
        return made

    def _take(self, path: Path) -> None:
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
        self._dimensions, self._added = vectors.shape[1], []
        self._kept = Collection(sha256_of(path), vectors) if len(vectors) else None
        if self._kept:
            self._kept.fill()

    @property
    def _in_collection(self) -> int:
        return len(self._kept.vectors) if self._kept else 0

    @property
    def rows(self) -> int:
        """Row numbers in use, those of removed rows included."""
        return self._in_collection + sum(map(len, self._added))

    def add(self, vectors: Vectors) -> None:
        """Append rows, (rows, dimensions); they are sent to the server when they are saved."""
        self._added.append(np.asarray(vectors, dtype=np.float32).reshape(-1, self._dimensions))

    def remove(self, rows: Numbers[int]) -> bool:
        """Never find these rows again; all rows keep their numbers."""
        self._removed |= set(rows)
        return False

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Scores and row numbers, best first, of equal scores the first row; row -1 where a graph finds too few.

        Raises:
            TriviumError: the server cannot be reached, or fails.
        """
        k = max(0, min(k, self.rows - len(self._removed)))
        scores, rows = np.full((len(queries), k), -np.inf, np.float32), np.full((len(queries), k), -1, np.int64)
        if k:
            pairs = zip(self._from_server(queries, k), self._from_added(queries), strict=True)
            for place, (there, here) in enumerate(pairs):
                best = sorted(there + here, key=lambda found: (-found[0], found[1]))[:k]
                for column, (score, row) in enumerate(best):
                    scores[place, column], rows[place, column] = score, row
        return scores, rows

    def _from_server(self, queries: Vectors, k: int) -> list[list[tuple[float, int]]]:
        gone = {row for row in self._removed if row < self._in_collection}
        if not self._kept or len(gone) == self._in_collection:
            return [[] for _ in queries]
        return self._kept.nearest(queries, k + _SPARE, gone)

    def _from_added(self, queries: Vectors) -> list[list[tuple[float, int]]]:
        """All that were added since, which are few: those of changed documents."""
        first = self._in_collection
        numbers = [row for row in range(first, self.rows) if row not in self._removed]
        if not numbers:
            return [[] for _ in queries]
        added = np.concatenate(self._added)[[row - first for row in numbers]]
        likeness = np.asarray(queries, dtype=np.float32) @ added.T
        return [list(zip(map(float, scores), numbers, strict=True)) for scores in likeness]

    def save(self, path: Path) -> None:
        """Write all rows to the file, whole or not at all, then see that the server has them.

        Raises:
            TriviumError: the server cannot be reached, or refuses; the file is written.
        """
        parts = [self._kept.vectors, *self._added] if self._kept else self._added
        whole = parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, self._dimensions), np.float32), *parts])
        with replacing(path) as file:
            np.save(file, whole, allow_pickle=False)
        self._take(path)
