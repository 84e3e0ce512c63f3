"""Retrieval: the passages that fit the question best, by meaning, by words, or both."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Literal

from data.errors import TriviumError
from data.progress import Progress, silent
from data.prompt import Passage
from data.schema import Document, Domain, Question
from model.speed import speedometer
from rag.chunk import CHUNK_TOKENS, chunk
from rag.context import DEPTH, Context, ContextFacts, TokenCounter
from rag.embed import Embedder
from rag.index import PassageIndex
from rag.index_record import IndexRecord, load_kept, source_digest
from rag.kept_vectors import embed_into, forget
from rag.keywords import KeywordIndex, fuse
from rag.vectors import AUTO

TOP_K = 2  # passages in the prompt; docs/prompt.md has the measurement
FUSED = 50  # passages of each ranking that a hybrid search fuses

SearchBy = Literal["meaning", "words", "both"]


class Retrieval:
    """Chunks the documents, embeds and indexes them, and fetches the `k` best passages for a question.

    Args:
        embedder: not needed, and not asked, where words alone are searched.
        folder: where the index is kept.
        chunk_tokens: longest passage, in tokens of the base model.
        search_by: the nearest embeddings, BM25, or both fused by rank.
        kind: of the index over the embeddings, a name of `rag.vectors.INDEX_NAMES`.
    """

    refreshes = "index"

    def __init__(
        self,
        embedder: Embedder | None,
        folder: Path,
        k: int = TOP_K,
        chunk_tokens: int = CHUNK_TOKENS,
        search_by: SearchBy = "both",
        kind: str = AUTO,
    ) -> None:
        self.embedder = None if search_by == "words" else embedder
        self.folder, self.k, self.chunk_tokens = folder, k, chunk_tokens
        self.search_by, self.kind = search_by, kind
        if self.embedder is None and search_by != "words":
            raise TriviumError("retrieval by meaning needs an embedding model; with --search-by words it needs none.")
        self.index_: PassageIndex | None = None
        self.keywords_: KeywordIndex | None = None
        self.documents_: dict[str, Document] = {}

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages that can be found, those of changed documents included."""
        return self.index_.passages if self.index_ else ()

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Build the index, or load the one that lies in the folder from an earlier start of the same run.

        `seconds` of the details are those of making the index, whenever that was.

        Raises:
            TriviumError: the index in the folder was made by another version of the embedding model.
        """
        self.documents_ = {document.id: document for document in domain.documents}
        made_from = source_digest(domain.documents, self.chunk_tokens, self.kind, self.search_by == "words")
        kept = load_kept(self.folder, made_from, self.embedder.fingerprint if self.embedder else "")
        index, record = kept or self._make(domain, model, progress, made_from)
        return self._take(index, record, domain.settings.language, reused=kept is not None)

    def _take(self, index: PassageIndex, record: IndexRecord, language: str, reused: bool) -> ContextFacts:
        self.index_ = index
        started = time.perf_counter()
        self._index_words(language)
        words = time.perf_counter() - started
        details = {
            "index_sha256": record.sha256,
            "passages": len(self.index_.passages),
            "index": record.kind,
            "search_by": self.search_by,
            "embedder": self.embedder.name if self.embedder else None,
            "embedder_fingerprint": record.embedder,
            "reused": reused,
            "seconds": record.seconds + words,
            "calibrated_s": (record.seconds if record.calibrated_s is None else record.calibrated_s) + words,
            "disk_bytes": sum(path.stat().st_size for path in self.folder.iterdir()),
        }
        return ContextFacts(self.index_.passages, details)

    def _make(
        self, domain: Domain, model: TokenCounter, progress: Progress, made_from: str
    ) -> tuple[PassageIndex, IndexRecord]:
        meter = speedometer(self.embedder.device if self.embedder else "cpu")
        meter.look()
        started = meter.now()
        passages = list(chunk(domain.documents, model, self.chunk_tokens))
        texts = _texts(passages)
        vectors = embed_into(self.folder, texts, self.embedder, progress) if self.embedder else None
        progress("building the index")
        index = PassageIndex.build(passages, vectors, self.kind)
        sha256, fingerprint = index.save(self.folder), self.embedder.fingerprint if self.embedder else ""
        ended = meter.now()
        meter.look()
        record = IndexRecord(
            made_from=made_from, embedder=fingerprint, kind=index.kind, sha256=sha256,
            seconds=ended.clock - started.clock, calibrated_s=meter.calibrated(started, ended),
        )  # fmt: skip
        record.save(self.folder)
        if self.embedder:
            forget(self.folder, texts, self.embedder)
        return index, record

    def _index_words(self, language: str) -> None:
        if self.search_by != "meaning" and self.index_:
            self.keywords_ = KeywordIndex(self.index_.passages, language)

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        """Cut, embed and index again the documents that differ from those of the index, one by one; in memory only.

        Returns:
            Median seconds for one document, the index of words left out; None where none has changed.
        """
        assert self.index_ is not None, "prepare() comes first"
        wanted = {document.id: document for document in domain.documents}
        for name in self.documents_.keys() - wanted.keys():
            self.index_.remove(name)
        changed = [document for name, document in wanted.items() if document != self.documents_.get(name)]
        seconds = []
        for done, document in enumerate(changed, 1):
            started = time.perf_counter()
            passages = list(chunk([document], model, self.chunk_tokens))
            vectors = self.embedder.encode(_texts(passages), silent) if self.embedder else None
            self.index_.replace(document.id, passages, vectors)
            seconds.append(time.perf_counter() - started)
            progress("indexing changed documents", done, len(changed))
        self._index_words(domain.settings.language)
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
        if self.embedder:
            rankings.append(self.index_.search(self.embedder.encode(texts), depth))
        if self.keywords_:
            rankings.append(self.keywords_.search(texts, depth))
        return [fuse(ranks, k) if len(ranks) > 1 else list(ranks[0]) for ranks in zip(*rankings, strict=True)]

    def can_be_asked(self, question: Question) -> bool:
        """Anything."""
        return True

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        """From one search: the k best passages, and the longer ranking that they head."""
        found = self.ranked(questions, max(self.k, DEPTH)) if questions else []
        return [Context(one.passages[: self.k], one.seconds, one.passages[:DEPTH]) for one in found]

    @property
    def shared(self) -> tuple[Passage, ...]:
        """None: each question has its own."""
        return ()


def _texts(passages: Sequence[Passage]) -> list[str]:
    return [f"{passage.title}\n{passage.text}" for passage in passages]
