"""The right choices of the check follow from the record, worked out by hand."""

from typing import Any

import pytest

from ui.lab.quiz import quiz


def _record(**changed: Any) -> dict[str, Any]:
    return {
        "facts": {"training": {"changed": 500, "frozen": 9000}},
        "apart": {"loss_before": 2.0, "loss_after": 1.5, "gradient": [0.1, 0.2, 0.9]},
        "valley": {"steps": [0.0, 0.5, 1.0, 1.5], "along": [2.0, 1.0, 0.4, 0.8]},
        "training": {"curve": [{"loss": 2.0}, {"loss": 0.5}]},
        "fingerprint_before": "a", "fingerprint_after": "a",
        "before": [{"right": False}, {"right": False}], "after": [{"right": True}, {"right": False}],
    } | changed  # fmt: skip


def _answers(record: dict[str, Any]) -> list[str]:
    return [item.choices[item.right] for item in quiz(record)]


def test_a_training_as_it_should_be() -> None:
    assert _answers(_record()) == [
        "none", "nothing", "nothing", "down", "lower", "at its end (1)", "in the last third", "more than before",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "change", "right"),
    [
        (0, {"fingerprint_after": "b"}, "all 9,000"),
        (3, {"training": {"curve": [{"loss": 0.5}, {"loss": 2.0}]}}, "up"),
        (4, {"apart": {"loss_before": 1.0, "loss_after": 1.5, "gradient": [1.0]}}, "higher"),
        (5, {"valley": {"steps": [0.0, 0.5, 1.0], "along": [2.0, 0.1, 0.4]}}, "between its start and its end"),
        (5, {"valley": {"steps": [0.0, 1.5], "along": [2.0, 0.1]}}, "beyond its end"),
        (6, {"apart": {"loss_before": 2.0, "loss_after": 1.5, "gradient": [0.9, 0.2, 0.1]}}, "in the first third"),
        (7, {"after": [{"right": False}, {"right": False}]}, "as many as before"),
    ],
)
def test_each_answer_follows_its_figure(place: int, change: dict[str, Any], right: str) -> None:
    assert _answers(_record(**change))[place] == right
