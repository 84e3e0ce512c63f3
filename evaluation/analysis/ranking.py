"""How well the retriever ranks: recall at k, mean reciprocal rank, nDCG, over gold passages."""

from collections.abc import Iterable, Mapping, Sequence
from math import log2
from typing import Any

from data.schema import Category
from evaluation.results.method import Retrieval as RetrievalFigures
from rag.context import DEPTH

DEPTHS = (1, 3, 5)  # of the table


def _all_within(row: Mapping[str, Any], k: int) -> bool:
    return all(rank is not None and rank <= k for rank in row["ranks"])


def retrieval_metrics(rows: Iterable[dict[str, Any]]) -> RetrievalFigures | None:
    """Means over questions; None where no question names its document.

    recall@k: all that the question needs is among the first k; for a multi-hop question that is a passage of each of
    its documents. MRR: mean of 1/rank of the first gold passage, 0 where none was found. nDCG@10 with gains 1 and
    discount log2(rank + 1) (Järvelin & Kekäläinen 2002).
    """
    rows = list(rows)
    if not rows:
        return None
    n = len(rows)
    metrics: dict[str, Any] = {"n": n}
    for k in DEPTHS:
        metrics[f"recall_at_{k}"] = sum(_all_within(row, k) for row in rows) / n
    metrics["mrr"] = sum(next((1 / rank for rank, hit in enumerate(row["hits"], 1) if hit), 0.0) for row in rows) / n
    metrics["ndcg_at_10"] = sum(_ndcg(row["hits"], row["gold"]) for row in rows) / n
    hops = [row for row in rows if row["category"] == Category.MULTI_HOP]
    if hops:
        metrics["multi_hop"] = {"n": len(hops)} | {
            f"{kind}_at_{k}": sum(test(rank is not None and rank <= k for rank in row["ranks"]) for row in hops)
            / len(hops)
            for kind, test in (("both", all), ("one", any))
            for k in (*DEPTHS, DEPTH)
        }
    return RetrievalFigures.model_validate(metrics)


def _ndcg(hits: Sequence[bool], gold: int) -> float:
    best = sum(1 / log2(rank + 1) for rank in range(1, min(gold, DEPTH) + 1))
    return sum(1 / log2(rank + 1) for rank, hit in enumerate(hits[:DEPTH], 1) if hit) / best
