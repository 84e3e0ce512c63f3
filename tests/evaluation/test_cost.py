"""The bill against sums done by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluation.cost import break_even, method_cost


def test_bill(make_answer: Callable[..., Any]) -> None:
    tokens = {"prompt_tokens": 100, "cached_tokens": 40, "completion_tokens": 10, "retrieval_s": 0.1}
    answers = [make_answer(generation_s=seconds, **tokens) for seconds in (0.3, 0.5)]
    cost = method_cost(answers, 0.25, 36.0, 1000, 10, usd_per_hour=0.36)
    assert cost["per_query_s"] == pytest.approx(0.5)
    assert cost["per_query_usd"] == pytest.approx(0.00005)
    assert cost["per_correct_usd"] == pytest.approx(0.0002)
    assert cost["prepare_usd"] == pytest.approx(0.0036)
    assert cost["per_query_flops"] == 2 * 10 * 70
    assert cost["prepare_flops"] == 4 * 10 * 1000
    assert cost["sources"]["usd"] == "assumed"


def test_nothing_correct_has_no_price_per_correct_answer(make_answer: Callable[..., Any]) -> None:
    assert method_cost([make_answer(generation_s=1)], 0.0, 0, 0, 1, 1.0)["per_correct_usd"] is None


def bill(fixed: float, each: float) -> dict[str, float]:
    return {"prepare_usd": fixed, "per_query_usd": each}


@pytest.mark.parametrize(
    ("a", "b", "queries"),
    [((10, 1), (4, 3), 3), ((10, 3), (4, 3), None), ((10, 4), (4, 3), None), ((1, 1), (4, 3), 0), ((4, 3), (4, 3), 0)],
)
def test_break_even(a: tuple[float, float], b: tuple[float, float], queries: float | None) -> None:
    row = break_even({"lora": bill(*a), "rag": bill(*b)}, "lora", "rag")
    assert row["queries"] == queries
    assert ("never" in row["reason"]) == (queries is None)
