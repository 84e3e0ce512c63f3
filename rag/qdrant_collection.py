"""The rows of a file as a collection of a Qdrant server, which can be made again from the file at any time.

Its name is a digest of the rows: equal rows share a collection, and a changed corpus never reads an old one. Two
processes that fill it at the same time write the same points, and nobody changes them afterwards.
"""

import hashlib
from collections.abc import Collection as Numbers
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import TriviumError
from rag.qdrant_server import EMBEDDED, address, asking, connect
from rag.vectors import EXACT_LIMIT, Vectors

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

LINKS, BUILD_WIDTH, SEARCH_WIDTH = 32, 100, 256  # of the graph, as in rag/faiss_index.py
_FORM = "inner product, float32, row numbers as ids"  # another form is another name
_UPLOAD, _QUERIES = 128, 64  # vectors, queries a request: 8 MB as JSON at 3,072 dimensions
_LOOKED_AT = 100  # rows that are compared with the file before a collection is used


@dataclass(frozen=True, eq=False)
class Collection:
    """A collection that holds exactly these rows, (rows, dimensions), once `fill` has returned."""

    sha256: str  # of the file of the rows
    vectors: Vectors

    @property
    def name(self) -> str:
        return f"trivium-{hashlib.sha256(f'{_FORM} {self.sha256}'.encode()).hexdigest()[:32]}"

    @cached_property
    def client(self) -> "QdrantClient":
        return connect()

    def fill(self) -> None:
        """See that the server has all rows: use the collection that is there, complete it, or make it again.

        Raises:
            TriviumError: the server cannot be reached, refuses, or does not keep what it is given.
        """
        with asking():
            if self.client.collection_exists(self.name) and self._is_another():
                self.client.delete_collection(self.name)
            if not self.client.collection_exists(self.name):
                self._create()
            if self._count() < len(self.vectors):
                self._upload()
            if (count := self._count()) != len(self.vectors):
                raise TriviumError(
                    f"{address()}: the collection {self.name} holds {count:,} of {len(self.vectors):,} vectors after "
                    "all were sent. Delete it there; then run the same command again."
                )

    def _count(self) -> int:
        return self.client.count(self.name, exact=True).count

    def _is_another(self) -> bool:
        """Whether it holds what was never written to it: too many points, or others than the file has."""
        found = self.client.get_collection(self.name).config.params.vectors
        shape = (getattr(found, "size", 0), getattr(found, "distance", None))
        if shape != (self.vectors.shape[1], "Dot") or (count := self._count()) > len(self.vectors):
            return True
        rows = np.unique(np.linspace(0, len(self.vectors) - 1, _LOOKED_AT, dtype=np.int64)).tolist()
        points = self.client.retrieve(self.name, rows, with_payload=False, with_vectors=True)
        if count == len(self.vectors) and len(points) < len(rows):
            return True
        return any(
            not np.array_equal(np.array(point.vector, np.float32), self.vectors[int(point.id)]) for point in points
        )

    def _create(self) -> None:
        from qdrant_client import models
        from qdrant_client.http.exceptions import UnexpectedResponse

        try:
            self.client.create_collection(
                self.name, models.VectorParams(size=self.vectors.shape[1], distance=models.Distance.DOT),
                hnsw_config=models.HnswConfigDiff(m=LINKS, ef_construct=BUILD_WIDTH),
            )  # fmt: skip
        except UnexpectedResponse as error:
            if error.status_code != 409:  # another process was faster
                raise

    def _upload(self) -> None:
        from qdrant_client import models

        for start in range(0, len(self.vectors), _UPLOAD):
            some = self.vectors[start : start + _UPLOAD]
            batch = models.Batch(ids=list(range(start, start + len(some))), vectors=some.tolist())
            self.client.upsert(self.name, batch, wait=True)

    def nearest(self, queries: Vectors, k: int, without: Numbers[int] = ()) -> list[list[tuple[float, int]]]:
        """Scores and rows of the k nearest for each query, (queries, dimensions), in the server's order.

        Every row is compared up to `EXACT_LIMIT` rows, beyond it the server's graph is searched.

        Raises:
            TriviumError: the server cannot be reached, or fails.
        """
        from qdrant_client import models

        gone = models.Filter(must_not=[models.HasIdCondition(has_id=sorted(without))]) if without else None
        found = []
        for start in range(0, len(queries), _QUERIES):
            asked = [
                models.QueryRequest(query=query.tolist(), limit=k, filter=gone, params=self._parameters(k))
                for query in queries[start : start + _QUERIES]
            ]
            with asking():
                found += self.client.query_batch_points(self.name, asked)
        return [[(point.score, int(point.id)) for point in reply.points] for reply in found]

    def _parameters(self, k: int) -> Any:
        from qdrant_client import models

        if address() == EMBEDDED:  # compares every row always, and warns of parameters
            return None
        if len(self.vectors) <= EXACT_LIMIT:
            return models.SearchParams(exact=True)
        return models.SearchParams(hnsw_ef=max(2 * k, SEARCH_WIDTH))
