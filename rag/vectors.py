"""Nearest vectors by inner product: what an index has to do, and the table of those there are.

A new index is a class with these methods in a file of its own and a line in `INDEXES`; settings, command line and
benchmarks read their names here.
"""

from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:  # names of indexes are read for `--help`, which imports nothing heavy
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"  # (rows, dimensions), each of length 1
Rows: TypeAlias = "NDArray[np.int64]"

INDEXES = {  # by name: "module:class"
    "exact": "rag.faiss_index:ExactIndex",
    "hnsw": "rag.faiss_index:GraphIndex",
    "qdrant": "rag.qdrant_index:QdrantIndex",
}
AUTO = "auto"
INDEX_NAMES = (AUTO, *INDEXES)
EXACT_LIMIT = 50_000  # vectors; beyond it a graph is faster than reading them all (docs/retrieval.md)


class VectorIndex(Protocol):
    """Rows of vectors of length 1, numbered from 0 in the order in which they were added.

    Made by `Class(dimensions)`, or from a file by `Class.load(path, removed)`; `removed` are rows that were removed
    without the rows after them moving up. One that needs more than its file has `Class.check()`, which raises a
    TriviumError where that is not there.
    """

    @property
    def rows(self) -> int:
        """Row numbers in use, those of removed rows that did not close the gap included."""

    def add(self, vectors: Vectors) -> None:
        """Append rows, (rows, dimensions)."""

    def remove(self, rows: Collection[int]) -> bool:
        """Forget these rows; returns whether the rows after them have moved up."""

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Scores and row numbers of the k nearest, best first, both (queries, k); fewer where there are fewer rows."""

    def save(self, path: Path) -> None:
        """Write the index to a file, whole or not at all."""


def kind_for(kind: str, rows: int) -> str:
    """The name of an index in the table; "auto" follows from the number of vectors."""
    if kind != AUTO:
        return kind
    return "hnsw" if rows > EXACT_LIMIT else "exact"


def _class_of(kind: str) -> Any:
    module, _, name = INDEXES[kind].partition(":")
    return getattr(import_module(module), name)


def check_index(kind: str) -> None:
    """Say before a run has computed anything that its index lacks something, such as a server.

    Raises:
        TriviumError: it does.
    """
    if kind != AUTO and (check := getattr(_class_of(kind), "check", None)):
        check()


def new_index(kind: str, dimensions: int) -> VectorIndex:
    """An empty index of a kind in the table."""
    index: VectorIndex = _class_of(kind)(dimensions)
    return index


def load_index(kind: str, path: Path, removed: Collection[int] = ()) -> VectorIndex:
    """An index that `save` has written."""
    index: VectorIndex = _class_of(kind).load(path, removed)
    return index
