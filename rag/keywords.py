"""Search by words (BM25), and the fusion of two rankings."""

import re
from collections.abc import Sequence
from dataclasses import replace

import bm25s

from data.language import detect_language
from data.prompt import Passage

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese characters, of which one can be a word
_UNSPACED = re.compile(f"[{_HAN}\u3005-\u3007\u3040-\u30ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")
_WITH_STOP_WORDS = frozenset(("en", "de", "nl", "fr", "es", "pt", "it", "ru", "sv", "no", "tr"))  # in bm25s
_SMOOTHING = 60  # of the ranks: Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion"


class KeywordIndex:
    """BM25 (Robertson and Zaragoza 2009) over title and text of passages, in memory, made anew when they change.

    Args:
        language: whose commonest words are left out (ISO 639-1); detected from the passages where it is not given.
    """

    def __init__(self, passages: Sequence[Passage], language: str = "") -> None:
        self.passages = tuple(passages)
        self.language = language or detect_language(passage.text for passage in passages)
        tokens = _tokens([f"{passage.title}\n{passage.text}" for passage in passages], self.language)
        self.index = bm25s.BM25() if any(tokens) else None
        if self.index:
            self.index.index(tokens, show_progress=False)

    def search(self, queries: Sequence[str], k: int) -> list[list[Passage]]:
        """The k passages with the highest scores for each query, best first; none that shares no word with it."""
        if not self.index:
            return [[] for _ in queries]
        k = min(k, len(self.passages))
        places, scores = self.index.retrieve(_tokens(queries, self.language), k=k, show_progress=False)
        return [
            [replace(self.passages[place], score=float(score)) for place, score in zip(row, found, strict=True)
             if score > 0]
            for row, found in zip(places, scores, strict=True)
        ]  # fmt: skip


def _pairs(found: re.Match[str]) -> str:
    """Two neighbours at a time of what is written without spaces, and single Chinese characters: 犬の as 犬 犬の."""
    run = found.group()
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    return f" {' '.join([*re.findall(f'[{_HAN}]', run), *pairs] or [run])} "


def _tokens(texts: Sequence[str], language: str) -> list[list[str]]:
    """Words of each text, in small letters, without the commonest of the language; characters and pairs of them where
    a script has no spaces (Japanese, Chinese, Thai)."""
    tokens: list[list[str]] = bm25s.tokenize(
        [_UNSPACED.sub(_pairs, text) for text in texts],
        stopwords=language if language in _WITH_STOP_WORDS else [],
        token_pattern=rf"(?u)\b\w\w+\b|{_UNSPACED.pattern}",
        return_ids=False,
        show_progress=False,
    )
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
