"""Nearest vectors by inner product: exact while that is fast, a graph (HNSW) beyond.

HNSW: Malkov and Yashunin 2016, arXiv 1603.09320. docs/retrieval.md has the measurement behind the numbers here.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from data.files import replacing

Vectors = NDArray[np.float32]
IndexKind = Literal["auto", "exact", "hnsw"]

EXACT_LIMIT = 50_000  # vectors; beyond it a graph is faster than reading them all
_LINKS, _BUILD_WIDTH, SEARCH_WIDTH = 32, 100, 256  # of the graph: neighbours a node, candidates when adding, searching


class VectorIndex:
    """Rows of vectors of length 1, numbered from 0 in the order in which they were added.

    Removing closes the gap in an exact index; in a graph, whose nodes lead to others, removed rows stay and are not
    found. Where a graph is built by several threads, two builds differ in details.
    """

    def __init__(self, index: faiss.Index, removed: Collection[int] = (), mapped: bool = False) -> None:
        self.index, self.removed, self._mapped = index, set(removed), mapped

    @classmethod
    def build(cls, vectors: Vectors, kind: IndexKind = "auto") -> "VectorIndex":
        """An index of that kind; "auto" chooses from the number of vectors."""
        size = vectors.shape[1]
        if kind == "hnsw" or (kind == "auto" and len(vectors) > EXACT_LIMIT):
            index: Any = faiss.IndexHNSWFlat(size, _LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = _BUILD_WIDTH
        else:
            index = faiss.IndexFlatIP(size)
        made = cls(index)
        made.add(vectors)
        return made

    @property
    def kind(self) -> str:
        return "hnsw" if isinstance(self.index, faiss.IndexHNSW) else "exact"

    @property
    def rows(self) -> int:
        """Row numbers in use, those of removed ones in a graph included."""
        return int(self.index.ntotal)

    def add(self, vectors: Vectors, step: int = 10_000) -> None:
        self._take_into_memory()
        for start in range(0, len(vectors), step):  # in steps, so that vectors in a mapped file are not read at once
            self.index.add(np.ascontiguousarray(vectors[start : start + step], dtype=np.float32))

    def remove(self, rows: Collection[int]) -> bool:
        """Forget these rows; returns whether the rows after them have moved up."""
        if self.kind == "hnsw":
            self.removed |= set(rows)
            return False
        self._take_into_memory()
        self.index.remove_ids(faiss.IDSelectorBatch(np.fromiter(rows, dtype=np.int64)))
        return True

    def search(self, queries: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Scores and row numbers of the k nearest, best first, (queries, k); fewer where there are fewer rows."""
        k = min(k, self.rows - len(self.removed))
        params: Any = None
        if self.kind == "hnsw":
            gone = faiss.IDSelectorBatch(np.fromiter(self.removed, dtype=np.int64))
            params = faiss.SearchParametersHNSW(  # type: ignore[attr-defined]
                efSearch=max(2 * k, SEARCH_WIDTH), sel=faiss.IDSelectorNot(gone) if self.removed else None
            )
        scores, rows = self.index.search(np.ascontiguousarray(queries, dtype=np.float32), k, params=params)
        return scores, rows

    def _take_into_memory(self) -> None:
        """Before a change: faiss ends the process when an index that is mapped from a file is changed."""
        if self._mapped:
            self.index, self._mapped = faiss.deserialize_index(faiss.serialize_index(self.index)), False

    def save(self, path: Path) -> None:
        """Write the index whole or not at all."""
        with replacing(path) as file:
            faiss.write_index(self.index, file.name)

    @classmethod
    def map(cls, path: Path, removed: Collection[int] = ()) -> "VectorIndex":
        """Read from the file as it is searched, so that loading takes no time and little memory."""
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC), removed, mapped=True)
