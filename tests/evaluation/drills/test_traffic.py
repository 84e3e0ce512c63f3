"""A queue with known service times waits as it must; and each way of serving really serves."""

from typing import Any

import pytest

from evaluation.drills.carry_out import carry_out
from evaluation.drills.traffic import Traffic, arrivals, stream


def test_a_queue_that_is_served_one_at_a_time() -> None:
    # Arrivals 0, 1, 10; 4 s each: answers at 4, 8 and 14, the third without a wait of its own.
    served = stream([0.0, 1.0, 10.0], lambda places: 4.0, 1)
    assert served.waits == [4.0, 7.0, 4.0]
    assert (served.elapsed, served.busy) == (14.0, 12.0)


def test_a_queue_that_is_served_in_batches() -> None:
    seen = []
    served = stream([0.0, 1.0, 2.0, 3.0], lambda places: seen.append(list(places)) or 5.0, 2)
    # The first alone until 5, by then three wait: two until 10, one until 15.
    assert seen == [[0], [1, 2], [3]]
    assert served.waits == [5.0, 9.0, 8.0, 12.0]


def test_arrivals_have_the_rate_and_no_rate_means_all_at_once() -> None:
    times = arrivals(4000, 30, "seed")
    assert times == sorted(times)
    assert times[-1] == pytest.approx(4000 * 2, rel=0.05)  # one in two seconds
    assert arrivals(3, None, "seed") == [0, 0, 0]
    assert arrivals(9, 30, "seed") == times[:9]


def test_each_way_serves_the_same_answers(trained_bench: Any) -> None:
    results = carry_out(Traffic(), trained_bench())
    ways = {(p.method, p.setting) for p in results.points}
    assert {("rag", "batches"), ("lora", "prefix cached"), ("lora", "one at a time, nothing cached")} <= ways
    assert results.not_applicable["lora: 8-bit weights"] == "what was trained belongs to the weights as they are"
    for point in results.points:
        assert 0 < point.figures["p50, all at once"] <= point.figures["p95, all at once"]
        assert 0 < point.figures["busy, 10 a minute"] <= 1
        assert point.figures["busy, all at once"] == pytest.approx(1)
        assert point.cell is not None


def test_a_model_that_shares_no_prefix_is_served_alone_and_in_batches(bench: Any) -> None:
    results = carry_out(Traffic(), bench())
    assert {p.setting for p in results.points} >= {"one at a time, nothing cached", "batches"}
    assert "shares no prefixes" in results.not_applicable["rag: prefix cached"]
    assert all(p.cell.correct == 8 for p in results.points if p.cell)
