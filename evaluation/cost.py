"""Measured seconds and tokens, and the price that follows from an assumed machine-hour."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.answer import Answer


def method_cost(
    answers: Sequence[Answer],
    accuracy: float | None,
    prepare_s: float,
    trained_tokens: int,
    parameters: int,
    usd_per_hour: float,
) -> dict[str, Any]:
    """The bill of one method.

    Seconds are measured, in batches, on this machine. Dollars follow from the assumed price of a machine-hour.
    Operations are projected: 2 for each weight and token read or written, 4 more for each token trained (a frozen base
    needs no weight gradients: forward 2, backward 2; Kaplan et al. 2020 count 6 where all weights learn).
    """
    n = len(answers)
    seconds = sum(answer.retrieval_s + answer.generation_s for answer in answers) / n
    per_query = seconds / 3600 * usd_per_hour
    processed = sum(a.prompt_tokens - a.cached_tokens + a.completion_tokens for a in answers) / n
    return {
        "prepare_s": prepare_s,
        "per_query_s": seconds,
        "prepare_usd": prepare_s / 3600 * usd_per_hour,
        "per_query_usd": per_query,
        "per_correct_usd": per_query / accuracy if accuracy else None,
        "prepare_flops": 4 * parameters * trained_tokens,
        "per_query_flops": round(2 * parameters * processed),
        "sources": {"seconds": "measured", "usd": "assumed", "flops": "projected"},
    }


def break_even(costs: Mapping[str, dict[str, Any]], a: str, b: str) -> dict[str, Any]:
    """Queries after which a, dearer to prepare, has cost no more than b: (F_a - F_b) / (c_b - c_a)."""
    fixed = costs[a]["prepare_usd"] - costs[b]["prepare_usd"]
    saved = costs[b]["per_query_usd"] - costs[a]["per_query_usd"]
    row: dict[str, Any] = {"a": a, "b": b, "queries": None, "ci": None, "source": "assumed"}
    if fixed <= 0 and saved >= 0:
        return row | {"queries": 0, "reason": f"{a} is cheaper from the first query"}
    if saved <= 0:
        return row | {"reason": f"never: a query costs no less with {a} than with {b}"}
    return row | {"queries": fixed / saved, "reason": f"{a} costs more to prepare and less for each query"}
