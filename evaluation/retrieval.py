"""How well the retriever ranks: recall at k, mean reciprocal rank, nDCG, over gold passages."""

from collections.abc import Iterable, Sequence
from math import log2
from typing import Any

from data.prompt import Passage
from data.schema import Question
from rag.context import Context

DEPTH = 10  # passages looked at


def relevance(question: Question, ranked: Context, chunks: Sequence[Passage]) -> dict[str, Any] | None:
    """Which of the ranked passages are gold, and how many gold passages there are; None where none is named.

    Gold is the passage that holds the evidence; where the evidence is not given or was cut in two, every passage of
    the named documents.
    """
    own = [chunk for chunk in chunks if chunk.document_id in question.document_ids]
    if not question.answerable or not own:
        return None
    gold = {chunk.chunk_id for chunk in own if question.evidence and question.evidence in chunk.text}
    gold = gold or {chunk.chunk_id for chunk in own}
    return {
        "question_id": question.id,
        "gold": len(gold),
        "hits": [passage.chunk_id in gold for passage in ranked.passages[:DEPTH]],
    }


def retrieval_metrics(rows: Iterable[dict[str, Any]]) -> dict[str, float | int] | None:
    """Means over questions; None where no question names its document.

    recall@k: a gold passage is among the first k. MRR: mean of 1/rank of the first gold passage, 0 where none was
    found. nDCG@10 with gains 1 and discount log2(rank + 1) (Järvelin & Kekäläinen 2002).
    """
    rows = list(rows)
    if not rows:
        return None
    n = len(rows)
    metrics: dict[str, float | int] = {"n": n}
    for k in (1, 3, 5):
        metrics[f"recall_at_{k}"] = sum(any(row["hits"][:k]) for row in rows) / n
    metrics["mrr"] = sum(next((1 / rank for rank, hit in enumerate(row["hits"], 1) if hit), 0.0) for row in rows) / n
    metrics["ndcg_at_10"] = sum(_ndcg(row["hits"], row["gold"]) for row in rows) / n
    return metrics


def _ndcg(hits: Sequence[bool], gold: int) -> float:
    best = sum(1 / log2(rank + 1) for rank in range(1, min(gold, DEPTH) + 1))
    return sum(1 / log2(rank + 1) for rank, hit in enumerate(hits[:DEPTH], 1) if hit) / best
