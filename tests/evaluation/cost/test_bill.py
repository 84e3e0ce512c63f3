"""The measured bill against sums done by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluation.cost.bill import measured_bill, tokens_usd
from evaluation.cost.prices import read_prices
from evaluation.cost.usage import USAGE, usage_of
from evaluation.results.method import Usage
from evaluation.results.rates import Cell
from model.operations import Shapes

OVERALL = Cell.model_construct(accuracy=0.25, ci_low=0.2, ci_high=0.5)
USED = Usage.model_construct(
    retrieval_s=0.1, generation_s=0.4, operations=7e9, training_operations=3e9, prefix_operations=1e9
)


def test_bill() -> None:
    cost = measured_bill(USED, OVERALL, 36.0, usd_per_hour=0.36)
    assert cost.per_query_s == pytest.approx(0.5)
    assert cost.per_query_usd == pytest.approx(0.00005)
    assert cost.per_correct_usd == pytest.approx(0.0002)
    assert cost.per_correct_ci == pytest.approx([0.0001, 0.00025])
    assert cost.prepare_usd == pytest.approx(0.0036)
    assert (cost.per_query_flops, cost.prepare_flops) == (7e9, 4e9)
    assert cost.sources.usd == "assumed"


def test_nothing_correct_has_no_price_per_correct_answer() -> None:
    cost = measured_bill(USED, Cell.model_construct(accuracy=0.0, ci_low=0.0, ci_high=0.1), 0, 1.0)
    assert (cost.per_correct_usd, cost.per_correct_ci) == (None, None)


def test_usage_is_the_mean_over_answers(make_answer: Callable[..., Any]) -> None:
    shapes = Shapes(linear=10, vocabulary=5, attention=2)
    tokens = {"cached_tokens": 40, "retrieval_s": 0.1}
    answers = [
        make_answer(prompt_tokens=100, completion_tokens=4, generation_s=0.3, **tokens),
        make_answer(prompt_tokens=60, completion_tokens=2, generation_s=0.5, **tokens),
    ]
    training = {"seconds": 9.0, "tokens": 500, "read_tokens": 300, "labels": 20, "trained_parameters": 6}
    details = {"prefix_tokens": 40, "prefix_s": 0.2, "index_s": 3.0, "training": training}
    used = usage_of(answers, details, shapes, {"by_hand": 7, "writing_s": 1.5}, 1234)
    assert [getattr(used, name) for name in USAGE[:5]] == pytest.approx([40, 40, 3, 0.1, 0.4])
    # read 60 behind 40 and 20 behind 40; the tokens fed back see 101, 102, 103, and 61
    first = 2 * 10 * 60 + 4 * 2 * 60 * 100 + 2 * 10 * 3 + 4 * 2 * (101 + 102 + 103) + 2 * 5 * 4
    second = 2 * 10 * 20 + 4 * 2 * 20 * 60 + 2 * 10 * 1 + 4 * 2 * 61 + 2 * 5 * 2
    assert used.operations == pytest.approx((first + second) / 2)
    place = USAGE.index("written")
    assert used.covariance[place][place] == pytest.approx(2 / 2), "variance of 4 and 2, over two answers"
    assert used.prefix_operations == 2 * 10 * 40 + 4 * 2 * 40 * 40
    assert used.training_operations == 4 * 10 * 300 + 4 * 6 * 300 + 4 * 5 * 20
    assert (used.wordings_by_hand, used.writing_s, used.disk_bytes) == (7, 1.5, 1234)
    assert used.fixed_error == 0.0
    made = {"study": {"seconds": 30.0, "calibrated_s": 20.0}, "rehearsal": {"seconds": 9.0, "calibrated_s": 8.0}}
    kept_out = {"training": details["training"] | {"spare": {"seconds": 6.0, "calibrated_s": 5.0}}}
    assert usage_of(answers, details | made | kept_out, shapes, {"writing_s": 1.5}, 0).writing_s == 1.5 + 20 + 8 + 5
    plain = usage_of(answers[:1], {}, shapes, {"by_hand": 7, "writing_s": 1.5}, 0)
    assert (plain.wordings_by_hand, plain.writing_s, plain.training_operations) == (0, 0.0, 0)


def test_seconds_are_those_of_a_quiet_machine(make_answer: Callable[..., Any]) -> None:
    """The same work in 0.4 s, and in 0.8 s at half speed: 0.4 s both times, less sure the second time."""
    shapes = Shapes(linear=10, vocabulary=5, attention=2)
    quiet, busy = make_answer(generation_s=0.4), make_answer(generation_s=0.8, slowdown=2.0)
    used = usage_of([busy, busy], {"prefix_s": 6.0, "prefix_calibrated_s": 3.0}, shapes, {}, 0, fixed_error=0.1)
    place = USAGE.index("generation_s")
    assert used.generation_s == pytest.approx(0.4)
    assert used.prefix_s == 3.0
    assert used.fixed_error == 0.1
    assert used.covariance[place][place] == pytest.approx((0.25 * (0.8 - 0.4)) ** 2), "a quarter of what was taken off"
    assert usage_of([quiet, quiet], {}, shapes, {}, 0).covariance[place][place] == 0.0


def test_tokens_are_paid_at_the_price_of_their_kind() -> None:
    book = read_prices(
        changes=["token_in=2", "token_cached=0.5", "token_out=8", "tuned_token_in=4", "tuned_token_out=16"]
    )
    assert tokens_usd(100, 1000, 10, book) == pytest.approx((100 * 2 + 1000 * 0.5 + 10 * 8) / 1e6)
    assert tokens_usd(100, 1000, 10, book, tuned=True) == pytest.approx((1100 * 4 + 10 * 16) / 1e6)
    assert tokens_usd(100, 1000, 10, read_prices(model="unknown")) is None
