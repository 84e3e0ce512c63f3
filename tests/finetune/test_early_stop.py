"""Training ends after looks without gain, with the best weights seen, also after a stop in between."""

from pathlib import Path

import pytest
import torch

from finetune.early_stop import EarlyStop


def _stop(losses: list[float], folder: Path) -> EarlyStop:
    given, values = iter(losses), iter(torch.arange(float(len(losses))))
    return EarlyStop(lambda: next(given), lambda: {"w": next(values).reshape(1) + losses[0]}, folder)


def test_training_ends_three_looks_after_the_best(tmp_path: Path) -> None:
    stop = _stop([2.0, 1.0, 1.5, 1.4, 1.3, 0.1], tmp_path)
    assert [stop.after_step(step, {}) for step in (60, 120, 121, 180, 240, 300)] == [
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    assert [point["loss"] for point in stop.curve()] == [2.0, 1.0, 1.5, 1.4, 1.3]
    assert stop.at_end(300)["w"].item() == 3.0, "the values at the second look"


def test_the_last_step_is_looked_at_once(tmp_path: Path) -> None:
    stop = _stop([2.0, 1.0], tmp_path)
    stop.look(60)
    assert stop.at_end(67)["w"].item() == 3.0
    assert [point["step"] for point in stop.curve()] == [60, 67]


def test_looks_of_a_stopped_training_count(tmp_path: Path) -> None:
    before = _stop([5.0, 6.0, 7.0], tmp_path)
    assert not any(before.look(step) for step in (40, 80, 120))
    after = _stop([6.5, 8.0], tmp_path)
    assert not after.look(80), "from a checkpoint before the second look: the later ones are taken again"
    assert not after.look(120)
    assert [point["loss"] for point in after.curve()] == [5.0, 6.5, 8.0]
    assert after.at_end(120)["w"].item() == 5.0


@pytest.mark.parametrize("name", ["looks.json", "best-40.safetensors"])
@pytest.mark.parametrize("damage", ["flipped", "empty"])
def test_damage_is_seen(tmp_path: Path, name: str, damage: str) -> None:
    stop = _stop([5.0, 6.0], tmp_path)
    assert stop.is_whole(), "nothing is kept yet"
    stop.look(40)
    stop.look(80)
    assert stop.is_whole()
    content = (tmp_path / name).read_bytes()
    flipped = content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]
    (tmp_path / name).write_bytes(flipped if damage == "flipped" else b"")
    assert not stop.is_whole()
