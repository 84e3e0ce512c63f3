"""What `trivium train --watch` says of a step."""

from typing import Any

import pytest

from evaluation.cli.lab import _line

STEP: dict[str, Any] = {"step": 3, "gradient_by_layer": [0.5, 0.25]}
ANSWER = {"question": "How long?", "answer": ""}


@pytest.mark.parametrize("line", [STEP, STEP | {"answers": [], "right": 0, "of": 0}])
def test_a_step_at_which_nothing_was_asked(line: dict[str, Any]) -> None:
    """A domain without a test wording of what is trained has nothing to ask."""
    assert _line(line) == "step 3: gradient 0.5 in the first layer, 0.25 in the last"


def test_a_step_after_which_the_model_was_asked() -> None:
    text = _line(STEP | {"answers": [ANSWER], "right": 0, "of": 1})
    assert text.endswith("; 0 of 1 new wordings right; How long? …")
