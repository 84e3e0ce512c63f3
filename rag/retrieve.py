"""Retrieval: the passages nearest to the question."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from data.progress import Progress, silent
from data.prompt import Passage
from data.schema import Document, Domain, Question
from rag.chunk import CHUNK_TOKENS, chunk
from rag.context import Context, ContextFacts, TokenCounter
from rag.embed import Embedder, Vectors
from rag.index import PassageIndex, digest

TOP_K = 2  # passages in the prompt; docs/prompt.md has the measurement


class Retrieval:
    """Chunks the documents, embeds and indexes them, and fetches the `k` best passages for a question."""

    def __init__(self, embedder: Embedder, folder: Path, k: int = TOP_K, chunk_tokens: int = CHUNK_TOKENS) -> None:
        self.embedder, self.folder, self.k, self.chunk_tokens = embedder, folder, k, chunk_tokens
        self.index_: PassageIndex | None = None
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
            vectors = self._embedded(passages, progress)
            self.index_ = PassageIndex.build(passages, vectors)
            sha256 = self.index_.save(self.folder)
        details = {
            "index_sha256": sha256,
            "passages": len(self.index_.passages),
            "embedder": self.embedder.name,
            "reused": reused,
            "seconds": time.perf_counter() - started,
            "disk_bytes": sum(path.stat().st_size for path in self.folder.iterdir()),
        }
        return ContextFacts(self.index_.passages, details)

    def _embedded(self, passages: Sequence[Passage], progress: Progress) -> Vectors:
        return self.embedder.encode([f"{passage.title}\n{passage.text}" for passage in passages], progress)

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        """Cut, embed and index again the documents that differ from those of the index, one by one; in memory only."""
        assert self.index_ is not None, "prepare() comes first"
        changed = [document for document in domain.documents if document != self.documents_[document.id]]
        seconds = []
        for done, document in enumerate(changed, 1):
            started = time.perf_counter()
            passages = list(chunk([document], model, self.chunk_tokens))
            self.index_.replace(document.id, passages, self._embedded(passages, silent))
            seconds.append(time.perf_counter() - started)
            progress("indexing changed documents", done, len(changed))
        self.documents_ = {document.id: document for document in domain.documents}
        return median(seconds) if seconds else None

    def ranked(self, questions: Sequence[Question], k: int) -> list[Context]:
        """The k best passages of each question, best first, with the seconds of embedding and search."""
        assert self.index_ is not None, "prepare() comes first"
        started = time.perf_counter()
        found = self.index_.search(self.embedder.encode([q.question for q in questions]), k)
        seconds = (time.perf_counter() - started) / max(1, len(questions))
        return [Context(tuple(passages), seconds) for passages in found]

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        return self.ranked(questions, self.k) if questions else []
