"""Retrieval: the passages that fit the question best, by meaning, by words, or both."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Literal

from data.progress import Progress, silent
from data.prompt import Passage
from data.schema import Document, Domain, Question
from rag.chunk import CHUNK_TOKENS, chunk
from rag.context import Context, ContextFacts, TokenCounter
from rag.embed import Embedder
from rag.index import PassageIndex, digest
from rag.kept_vectors import embed_into, forget
from rag.keywords import KeywordIndex, fuse
from rag.vectors import IndexKind

TOP_K = 2  # passages in the prompt; docs/prompt.md has the measurement
FUSED = 50  # passages of each ranking that a hybrid search fuses

SearchBy = Literal["meaning", "words", "both"]


class Retrieval:
    """Chunks the documents, embeds and indexes them, and fetches the `k` best passages for a question.

    Args:
        search_by: the nearest embeddings, BM25, or both fused by rank.
        kind: of the index over the embeddings.
    """

    def __init__(
        self,
        embedder: Embedder,
        folder: Path,
        k: int = TOP_K,
        chunk_tokens: int = CHUNK_TOKENS,
        search_by: SearchBy = "both",
        kind: IndexKind = "auto",
    ) -> None:
        self.embedder, self.folder, self.k, self.chunk_tokens = embedder, folder, k, chunk_tokens
        self.search_by, self.kind = search_by, kind
        self.index_: PassageIndex | None = None
        self.keywords_: KeywordIndex | None = None
        self.documents_: dict[str, Document] = {}

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Build the index, or load the one that lies in the folder from an earlier start of the same run."""
        self.documents_ = {document.id: document for document in domain.documents}
        started = time.perf_counter()
        reused = (self.folder / "vectors.faiss").exists()
        if reused:
            self.index_ = PassageIndex.load(self.folder)
            sha256 = digest(self.folder)
        else:
            passages = list(chunk(domain.documents, model, self.chunk_tokens))
            texts = _texts(passages)
            vectors = embed_into(self.folder, texts, self.embedder, progress)
            self.index_ = PassageIndex.build(passages, vectors, self.kind)
            sha256 = self.index_.save(self.folder)
            forget(self.folder, texts, self.embedder)
        self._index_words()
        details = {
            "index_sha256": sha256,
            "passages": len(self.index_.passages),
            "index": self.index_.index.kind,
            "search_by": self.search_by,
            "embedder": self.embedder.name,
            "reused": reused,
            "seconds": time.perf_counter() - started,
            "disk_bytes": sum(path.stat().st_size for path in self.folder.iterdir()),
        }
        return ContextFacts(self.index_.passages, details)

    def _index_words(self) -> None:
        if self.search_by != "meaning" and self.index_:
            self.keywords_ = KeywordIndex(self.index_.passages)

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        """Cut, embed and index again the documents that differ from those of the index, one by one; in memory only."""
        assert self.index_ is not None, "prepare() comes first"
        wanted = {document.id: document for document in domain.documents}
        for name in self.documents_.keys() - wanted.keys():
            self.index_.remove(name)
        changed = [document for name, document in wanted.items() if document != self.documents_.get(name)]
        seconds = []
        for done, document in enumerate(changed, 1):
            started = time.perf_counter()
            passages = list(chunk([document], model, self.chunk_tokens))
            self.index_.replace(document.id, passages, self.embedder.encode(_texts(passages), silent))
            seconds.append(time.perf_counter() - started)
            progress("indexing changed documents", done, len(changed))
        self._index_words()
        self.documents_ = wanted
        return median(seconds) if seconds else None

    def ranked(self, questions: Sequence[Question], k: int) -> list[Context]:
        """The k best passages of each question, best first, with the seconds of embedding and search."""
        started = time.perf_counter()
        found = self._search([question.question for question in questions], k)
        seconds = (time.perf_counter() - started) / max(1, len(questions))
        return [Context(tuple(passages), seconds) for passages in found]

    def nearest(self, questions: Sequence[Question], k: int) -> list[tuple[Passage, ...]]:
        """The passages of `ranked` alone."""
        return [context.passages for context in self.ranked(questions, k)]

    def _search(self, texts: Sequence[str], k: int) -> list[list[Passage]]:
        assert self.index_ is not None, "prepare() comes first"
        depth = max(k, FUSED) if self.search_by == "both" else k
        rankings = []
        if self.search_by != "words":
            rankings.append(self.index_.search(self.embedder.encode(texts), depth))
        if self.keywords_:
            rankings.append(self.keywords_.search(texts, depth))
        return [fuse(ranks, k) if len(ranks) > 1 else list(ranks[0]) for ranks in zip(*rankings, strict=True)]

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        return self.ranked(questions, self.k) if questions else []


def _texts(passages: Sequence[Passage]) -> list[str]:
    return [f"{passage.title}\n{passage.text}" for passage in passages]
