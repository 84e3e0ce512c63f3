"""A FAISS index over passages that is saved to and loaded from a folder."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import replace as with_changes
from pathlib import Path

import faiss
import numpy as np

from data.errors import TriviumError
from data.prompt import Passage
from rag.embed import Vectors


class PassageIndex:
    """Exact search by inner product; with vectors of length 1 that is the cosine."""

    def __init__(self, passages: Sequence[Passage], index: faiss.Index) -> None:
        if index.ntotal != len(passages):
            raise TriviumError(f"the index holds {index.ntotal} vectors for {len(passages)} passages; build it again.")
        self.passages, self.index = tuple(passages), index

    @classmethod
    def build(cls, passages: Sequence[Passage], vectors: Vectors) -> "PassageIndex":
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(passages, index)

    def replace(self, document_id: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Put new passages in the place of all passages of a document; nothing else is computed again."""
        gone = [place for place, passage in enumerate(self.passages) if passage.document_id == document_id]
        self.index.remove_ids(faiss.IDSelectorBatch(np.array(gone, dtype=np.int64)))
        self.index.add(vectors)
        kept = [passage for passage in self.passages if passage.document_id != document_id]
        self.passages = (*kept, *passages)

    def search(self, vectors: Vectors, k: int) -> list[list[Passage]]:
        """The k nearest passages for each query vector, best first, with their scores."""
        scores, places = self.index.search(np.ascontiguousarray(vectors), min(k, len(self.passages)))
        return [
            [with_changes(self.passages[place], score=float(score)) for score, place in zip(row, found, strict=True)]
            for row, found in zip(scores, places, strict=True)
        ]

    def save(self, folder: Path) -> str:
        """Write passages and vectors; returns the SHA-256 over both files. The vectors appear last, and whole."""
        folder.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in self.passages)
        (folder / "passages.jsonl").write_text("".join(lines), encoding="utf-8")
        scratch = folder / ".vectors.new"
        scratch.write_bytes(faiss.serialize_index(self.index).tobytes())
        scratch.replace(folder / "vectors.faiss")
        return digest(folder)

    @classmethod
    def load(cls, folder: Path) -> "PassageIndex":
        lines = (folder / "passages.jsonl").read_text(encoding="utf-8").splitlines()
        return cls([Passage(**json.loads(line)) for line in lines], faiss.read_index(str(folder / "vectors.faiss")))


def digest(folder: Path) -> str:
    """SHA-256 over the files of a saved index."""
    total = hashlib.sha256()
    for name in ("passages.jsonl", "vectors.faiss"):
        total.update((folder / name).read_bytes())
    return total.hexdigest()
