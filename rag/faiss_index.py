"""Indexes of faiss: every vector compared, or a graph (HNSW) searched.

HNSW: Malkov and Yashunin 2016, arXiv 1603.09320. docs/retrieval.md has the measurement behind the numbers here.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from data.files import replacing
from rag.vectors import Rows, Vectors

_LINKS, _BUILD_WIDTH, SEARCH_WIDTH = 32, 100, 256  # of the graph: neighbours a node, candidates when adding, searching
_STEP = 10_000  # vectors added at once, so that those in a mapped file are not all read into memory


class ExactIndex:
    """Compares a query with every vector. Removing closes the gap."""

    def __init__(self, dimensions: int) -> None:
        self.index: Any = faiss.IndexFlatIP(dimensions)
        self.removed: set[int] = set()
        self._mapped = False

    @classmethod
    def load(cls, path: Path, removed: Collection[int] = ()) -> Self:
        """Read from the file as it is searched, so that loading takes no time and little memory.

        Raises:
            RuntimeError: it is not a file of faiss.
        """
        made = cls.__new__(cls)
        made.index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        made.removed, made._mapped = set(removed), True
        return made

    @property
    def rows(self) -> int:
        """Row numbers in use, removed ones that stayed included."""
        return int(self.index.ntotal)

    def add(self, vectors: Vectors) -> None:
        """Append rows, (rows, dimensions)."""
        self._take_into_memory()
        for start in range(0, len(vectors), _STEP):
            self.index.add(np.ascontiguousarray(vectors[start : start + _STEP], dtype=np.float32))

    def remove(self, rows: Collection[int]) -> bool:
        """Forget these rows; those after them move up."""
        self._take_into_memory()
        self.index.remove_ids(faiss.IDSelectorBatch(np.fromiter(rows, dtype=np.int64)))
        return True

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Scores and row numbers, best first, both (queries, k) or narrower; row -1 where a graph finds too few."""
        k = min(k, self.rows - len(self.removed))
        if k == 0:
            return np.empty((len(queries), 0), dtype=np.float32), np.empty((len(queries), 0), dtype=np.int64)
        scores, rows = self.index.search(
            np.ascontiguousarray(queries, dtype=np.float32), k, params=self._search_parameters(k)
        )
        return scores, rows

    def _search_parameters(self, k: int) -> Any:
        return None

    def _take_into_memory(self) -> None:
        """Before a change: faiss ends the process when an index that is mapped from a file is changed."""
        if self._mapped:
            self.index, self._mapped = faiss.deserialize_index(faiss.serialize_index(self.index)), False

    def save(self, path: Path) -> None:
        """Write the index whole or not at all."""
        with replacing(path) as file:
            faiss.write_index(self.index, file.name)


class GraphIndex(ExactIndex):
    """Searches a graph. Its nodes lead to others, so removed rows stay in it and are not found.

    It is built by several threads: two builds differ in details.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions)
        self.index = faiss.IndexHNSWFlat(dimensions, _LINKS, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = _BUILD_WIDTH

    def remove(self, rows: Collection[int]) -> bool:
        """Never find these rows again; all rows keep their numbers."""
        self.removed |= set(rows)
        return False

    def _search_parameters(self, k: int) -> Any:
        gone = faiss.IDSelectorBatch(np.fromiter(self.removed, dtype=np.int64))
        return faiss.SearchParametersHNSW(  # type: ignore[attr-defined]
            efSearch=max(2 * k, SEARCH_WIDTH), sel=faiss.IDSelectorNot(gone) if self.removed else None
        )
