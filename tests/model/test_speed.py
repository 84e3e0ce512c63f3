"""Samples of the machine's speed, and what they say of work between them."""

import pytest
import torch

from data.progress import silent
from model import speed
from model.speed import Sample, Speedometer, Watched, processor_slowdown


def test_the_clock_of_all_threads_is_held_against_the_processor_seconds_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that need 3 s on the clock for what one does in 2 processor seconds: 1 s each alone, so 3 times."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(speed, "_piece", lambda matrix, threads: (3.0, 5.0) if threads == 2 else (9.0, 2.0))
    assert processor_slowdown() == pytest.approx(3.0)
    monkeypatch.setattr(speed, "_piece", lambda matrix, threads: (0.9, 2.0))
    assert processor_slowdown() == 1.0, "never faster than alone"


def test_one_interruption_is_not_taken_for_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    walls = iter([1.0, 1.0, 9.0, 1.0, 1.0])
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(speed, "_piece", lambda matrix, threads: (next(walls) if threads == 2 else 2.0, 2.0))
    assert processor_slowdown() == 1.0


def test_the_piece_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    assert processor_slowdown() >= 1.0
    assert torch.get_num_threads() == before


def test_quiet_seconds_add_up() -> None:
    """Ten seconds at full speed and ten at half hold fifteen quiet seconds: a slowdown of 20 / 15."""
    meter = Speedometer()
    meter.samples = [Sample(0.0, 1.0), Sample(20.0, 2.0)]
    assert 20 / meter.slowdown(0, 20) == pytest.approx(15)


def test_only_samples_beside_and_within_the_work_count() -> None:
    meter = Speedometer()
    meter.samples = [Sample(0, 9.0), Sample(10, 2.0), Sample(15, 2.0), Sample(30, 2.0), Sample(40, 9.0)]
    assert meter.slowdown(12, 20) == pytest.approx(2.0)
    assert Speedometer().slowdown(0, 1) == 1.0


def test_progress_looks_at_the_machine_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    class Quiet:
        scope = ""

        def note(self, text: str) -> None:
            pass

        def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
            silent(step, done, total)

    meter = Speedometer(measure=lambda: 1.5)
    watched = Watched(Quiet(), meter)
    for step in range(100):
        watched("training", step, 100)
    assert [sample.slowdown for sample in meter.samples] == [1.5]
    monkeypatch.setattr(speed, "EVERY", 0.0)
    watched("training", 100, 100)
    assert len(meter.samples) == 2
