"""Retrieval: the passages nearest to the question."""

import time
from collections.abc import Sequence
from pathlib import Path

from data.progress import Progress
from data.schema import Domain, Question
from rag.chunk import CHUNK_TOKENS, chunk
from rag.context import Context, ContextFacts, TokenCounter
from rag.embed import Embedder
from rag.index import PassageIndex, digest

TOP_K = 2  # passages in the prompt; docs/prompt.md has the measurement


class Retrieval:
    """Chunks the documents, embeds and indexes them, and fetches the `k` best passages for a question."""

    def __init__(self, embedder: Embedder, folder: Path, k: int = TOP_K, chunk_tokens: int = CHUNK_TOKENS) -> None:
        self.embedder, self.folder, self.k, self.chunk_tokens = embedder, folder, k, chunk_tokens
        self.index_: PassageIndex | None = None

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Build the index, or load the one that lies in the folder from an earlier start of the same run."""
        started = time.perf_counter()
        reused = (self.folder / "vectors.faiss").exists()
        if reused:
            self.index_ = PassageIndex.load(self.folder)
            sha256 = digest(self.folder)
        else:
            passages = list(chunk(domain.documents, model, self.chunk_tokens))
            vectors = self.embedder.encode([f"{p.title}\n{p.text}" for p in passages], progress)
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

    def ranked(self, questions: Sequence[Question], k: int) -> list[Context]:
        """The k best passages of each question, best first, with the seconds of embedding and search."""
        assert self.index_ is not None, "prepare() comes first"
        started = time.perf_counter()
        found = self.index_.search(self.embedder.encode([q.question for q in questions]), k)
        seconds = (time.perf_counter() - started) / max(1, len(questions))
        return [Context(tuple(passages), seconds) for passages in found]

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        return self.ranked(questions, self.k) if questions else []
