"""Whether a run says that its machine was busy."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluation.analysis.machine import about_several_machines, about_the_machine, machine_speed


def _record(clock: float, quiet: float) -> dict[str, Any]:
    return {"methods": {"rag": {"0": {"prepare_s": clock, "prepare_calibrated_s": quiet}}}}


def test_one_slow_batch_is_no_busy_machine(make_answer: Callable[..., Any]) -> None:
    """Nine batches of 1 s and one of 1.5 s that is worth 1: 10.5 of 10 s."""
    answers = [make_answer(batch=n, retrieval_s=0, generation_s=1.0) for n in range(9)]
    answers.append(make_answer(batch=9, retrieval_s=0, generation_s=1.5, slowdown=1.5))
    speed = machine_speed(_record(0.0, 0.0), answers)
    assert speed is not None
    assert (speed.samples, speed.median, speed.most) == (10, 1.0, pytest.approx(1.05))
    assert not speed.busy
    assert list(about_the_machine(speed)) == []


def test_a_busy_machine_is_told(make_answer: Callable[..., Any]) -> None:
    """5 s and 7 s on the clock, worth 2.5 s and 2.5 s: 12 of 5."""
    answers = [
        make_answer(batch=0, retrieval_s=1.0, generation_s=4.0, slowdown=2.0),
        make_answer(batch=1, retrieval_s=0.0, generation_s=7.0, slowdown=2.8),
    ]
    speed = machine_speed(_record(0.0, 0.0), answers)
    assert speed is not None
    assert (speed.most, speed.median) == (pytest.approx(2.4), pytest.approx(2.4))
    (sentence,) = about_the_machine(speed)
    assert "2.4 times as long" in sentence


def test_a_long_preparation_counts_by_its_seconds(make_answer: Callable[..., Any]) -> None:
    """30 s worth 20, and an answer of 10 s: 40 of 30."""
    speed = machine_speed(_record(30.0, 20.0), [make_answer(method="rag", retrieval_s=0.0, generation_s=10.0)])
    assert speed is not None
    assert (speed.most, speed.busy) == (pytest.approx(4 / 3), True)


def test_runs_that_did_not_look_say_nothing(make_answer: Callable[..., Any]) -> None:
    assert machine_speed({"methods": {"rag": {"0": {"prepare_s": 1.0}}}}, [make_answer()]) is None
    assert list(about_the_machine(None)) == []


def test_machines_of_different_kinds_are_told_and_alike_ones_are_not() -> None:
    """Also where the second kind came only when the run went on."""
    first, second = ({"kinds": [kind], "machines": 2} for kind in ("x86_64 AVX512", "x86_64 AVX2"))
    (sentence,) = about_several_machines([first, second])
    assert "different kinds (x86_64 AVX2, x86_64 AVX512)" in sentence
    assert list(about_several_machines([first, first])) == []
    assert list(about_several_machines([])) == []
