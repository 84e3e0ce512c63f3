"""Search by words (BM25), and the fusion of two rankings."""

from collections.abc import Sequence
from dataclasses import replace

import bm25s

from data.prompt import Passage

_SMOOTHING = 60  # of the ranks: Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion"


class KeywordIndex:
    """BM25 (Robertson and Zaragoza 2009) over title and text of passages, in memory, made anew when they change."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        tokens = _tokens([f"{passage.title}\n{passage.text}" for passage in passages])
        self.index = bm25s.BM25() if any(tokens) else None
        if self.index:
            self.index.index(tokens, show_progress=False)

    def search(self, queries: Sequence[str], k: int) -> list[list[Passage]]:
        """The k passages with the highest scores for each query, best first; none that shares no word with it."""
        if not self.index:
            return [[] for _ in queries]
        k = min(k, len(self.passages))
        places, scores = self.index.retrieve(_tokens(queries), k=k, show_progress=False)
        return [
            [replace(self.passages[place], score=float(score)) for place, score in zip(row, found, strict=True)
             if score > 0]
            for row, found in zip(places, scores, strict=True)
        ]  # fmt: skip


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    tokens: list[list[str]] = bm25s.tokenize(list(texts), stopwords="en", return_ids=False, show_progress=False)
    return tokens


def fuse(rankings: Sequence[Sequence[Passage]], k: int) -> list[Passage]:
    """The k best by the sum of 1 / (60 + rank) over the rankings, with that sum as their score."""
    scores: dict[str, float] = {}
    passages: dict[str, Passage] = {}
    for ranking in rankings:
        for rank, passage in enumerate(ranking, 1):
            scores[passage.chunk_id] = scores.get(passage.chunk_id, 0.0) + 1 / (_SMOOTHING + rank)
            passages.setdefault(passage.chunk_id, passage)
    best = sorted(passages.values(), key=lambda passage: -scores[passage.chunk_id])[:k]
    return [replace(passage, score=scores[passage.chunk_id]) for passage in best]
