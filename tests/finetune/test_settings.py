"""Few examples are seen more often; what the user says is kept."""

import pytest

from finetune.settings import TrainingSettings


@pytest.mark.parametrize(
    ("epochs", "examples", "expected"), [(None, 240, 6), (None, 1000, 6), (None, 48, 20), (None, 5, 60), (3, 48, 3)]
)
def test_passes(epochs: int | None, examples: int, expected: int) -> None:
    assert TrainingSettings(epochs=epochs).passes(examples) == expected
