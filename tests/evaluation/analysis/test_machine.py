"""Whether a run says that its machine was busy."""

from collections.abc import Callable
from typing import Any

import pytest

from evaluation.analysis.machine import about_the_machine, machine_speed


def _record(*slowdowns: float, prepare: tuple[float, float] = (10.0, 10.0)) -> dict[str, Any]:
    entry = {"prepare_s": prepare[0], "prepare_calibrated_s": prepare[1]}
    return {"speed": [{"during": "rag", "slowdown": s} for s in slowdowns], "methods": {"rag": {"0": entry}}}


def test_one_noisy_sample_is_no_busy_machine(make_answer: Callable[..., Any]) -> None:
    speed = machine_speed(_record(1.0, 1.0, 1.9), [make_answer(slowdown=1.02)])
    assert speed is not None
    assert (speed.samples, speed.median, speed.busy) == (3, 1.0, False)
    assert list(about_the_machine(speed)) == []


def test_a_busy_machine_is_told(make_answer: Callable[..., Any]) -> None:
    """Answers at slowdown 2 and 3: together 2 / (1/2 + 1/3) = 2.4 times as long."""
    answers = [make_answer(slowdown=2.0), make_answer(slowdown=3.0)]
    speed = machine_speed(_record(2.0, 3.0), answers)
    assert speed is not None
    assert speed.most == pytest.approx(2.4)
    (sentence,) = about_the_machine(speed)
    assert "2.4 times as long" in sentence


def test_a_preparation_on_a_busy_machine_counts_too(make_answer: Callable[..., Any]) -> None:
    speed = machine_speed(_record(1.0, prepare=(12.0, 10.0)), [make_answer()])
    assert speed is not None
    assert (speed.most, speed.busy) == (pytest.approx(1.2), True)


def test_runs_that_did_not_look_say_nothing(make_answer: Callable[..., Any]) -> None:
    assert machine_speed({"methods": {}}, [make_answer()]) is None
    assert list(about_the_machine(None)) == []
