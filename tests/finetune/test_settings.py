"""Few examples are seen more often, large models are trained more carefully; what the user says is kept."""

import pytest

from finetune.settings import REHEARSED, SPARED, TrainingSettings, learning_rate_of


@pytest.mark.parametrize(
    ("epochs", "examples", "expected"), [(None, 240, 6), (None, 1000, 6), (None, 48, 20), (None, 5, 60), (3, 48, 3)]
)
def test_passes(epochs: int | None, examples: int, expected: int) -> None:
    assert TrainingSettings(epochs=epochs).passes(examples) == expected


def test_the_learning_rate_falls_with_the_size_of_the_model() -> None:
    assert learning_rate_of(20_000) == learning_rate_of(134_515_008) == 2e-3  # what the embedded model was tuned with
    assert learning_rate_of(7_000_000_000) == 2e-4
    assert learning_rate_of(70_000_000_000) == 1e-4
    rates = [learning_rate_of(10**9 * size // 10) for size in (5, 10, 15, 30, 70, 76, 80, 140, 320)]
    assert rates == sorted(rates, reverse=True)
    # half-way between both sizes on a logarithmic scale is half-way between both rates
    assert learning_rate_of(round((1.5e8 * 7e9) ** 0.5)) == pytest.approx((2e-3 * 2e-4) ** 0.5, rel=0.01)


def test_what_nobody_set_follows_from_the_model() -> None:
    small, large = (TrainingSettings().for_model(size) for size in (134_515_008, 7_615_616_512))
    assert small == TrainingSettings(spare=SPARED, rehearsal=REHEARSED, alpha=128)
    for other in (large, TrainingSettings().for_model(10**6)):  # not tried there, and no room there
        assert (other.spare, other.rehearsal, other.alpha) == (0, 0, 32)
    without = TrainingSettings(spare=0).for_model(134_515_008)
    assert (without.spare, without.rehearsal, without.alpha) == (0, REHEARSED, 32)
    assert (large.learning_rate, large.rank, large.alpha, large.checkpointing) == (1.9e-4, 16, 32, True)
    asked = TrainingSettings(learning_rate=1e-3, checkpointing=False, rank=64).for_model(7_615_616_512)
    assert (asked.learning_rate, asked.alpha, asked.checkpointing) == (1e-3, 128, False)
    assert asked.for_model(10) == asked
