"""Steps and time left of made-up records, worked out by hand."""

from typing import Any

import pytest

from ui.run.steps import Left, minutes, share_done, steps_of, time_left

ESTIMATE = {"methods": {
    "base": {"prepare_s": 0.0, "answer_s": 100.0, "answers": 10},
    "lora": {"prepare_s": 200.0, "answer_s": 100.0, "answers": 20},
}}  # fmt: skip


def _record(**methods: bool) -> dict[str, Any]:
    entries = {name: {"0": {"complete": complete}} for name, complete in methods.items()}
    return {"settings": {"methods": ["base", "lora"]}, "estimate": ESTIMATE, "methods": entries}


def test_before_anything_is_predicted() -> None:
    steps = steps_of({"settings": {"methods": ["base"]}}, {}, 0, False)
    assert [step.state for step in steps] == ["now", "left", "left", "left"]
    assert time_left({"settings": {}}, steps, 0.0) == Left(None, None)
    assert share_done(steps) == 0


def test_half_way_through_the_first_method() -> None:
    record = _record()
    steps = steps_of(record, {"base": 5}, 0, False)
    assert [step.state for step in steps] == ["done", "now", "left", "left", "left"]
    assert steps[1].detail == "5 of 10 answers"
    assert steps[2].detail == "training, 0 of 20 answers"
    assert time_left(record, steps, 50.0) == Left(350.0, 1.0)
    assert share_done(steps) == pytest.approx(50 / 400)


def test_a_run_that_goes_on_after_a_stop_is_told_what_is_left_not_what_was_spent() -> None:
    """Twice as slow as predicted: 150 predicted seconds are left, training included, so 300."""
    record = _record(base=True)
    steps = steps_of(record, {"base": 10, "lora": 10}, 0, False)
    left = time_left(record, steps, 300.0)
    assert left.seconds == pytest.approx(2.0 * 50)
    assert str(left) == "About 2 minutes left. So far it took 2.0 times as long as predicted."


def test_a_finished_run_has_nothing_left() -> None:
    record = _record(base=True, lora=True)
    steps = steps_of(record, {"base": 10, "lora": 20}, 2, True)
    assert {step.state for step in steps} == {"done"}
    assert time_left(record, steps, 200.0).seconds == 0
    assert share_done(steps) == 1


def test_with_several_trainings_a_method_is_done_when_all_are() -> None:
    record = _record(lora=True)
    record["settings"]["training_seeds"] = 3
    assert steps_of(record, {}, 0, False)[2].state == "left"
    record["methods"]["lora"] |= {"1": {"complete": True}, "2": {"complete": True}}
    assert steps_of(record, {}, 0, False)[2].state == "done"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 second"), (80, "80 seconds"), (150, "2 minutes"), (7200, "2.0 hours")]
)
def test_how_long_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert minutes(seconds) == said
