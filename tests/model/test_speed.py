"""What a quiet machine would have taken, from what the clock and the processor say."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from model import speed
from model.decoding import rows
from model.local import LocalModel
from model.sampling import Sampling
from model.speed import GpuSpeed, Moment, ProcessorSpeed, Speedometer

ROOT = Path(__file__).parent.parent.parent


def test_seconds_that_went_to_others_are_taken_off() -> None:
    """Of nine seconds on the clock the processor worked three for us: three times as long as alone."""
    meter, begin, end = ProcessorSpeed(), Moment(10.0, 1.0), Moment(19.0, 4.0)
    assert meter.slowdown(begin, end) == pytest.approx(3.0)
    assert meter.calibrated(begin, end) == pytest.approx(3.0)


@pytest.mark.parametrize("own", [0.0, 0.95, 1.2])
def test_what_a_quiet_machine_varies_by_is_left_alone(own: float) -> None:
    assert ProcessorSpeed().slowdown(Moment(0.0, 0.0), Moment(1.0, own)) == 1.0


def test_a_thread_that_has_to_wait_counts_no_processor_seconds() -> None:
    meter = ProcessorSpeed()
    begin = meter.now()
    time.sleep(0.2)
    assert meter.slowdown(begin, meter.now()) > speed.QUIET


def test_the_calling_thread_does_its_part_of_every_product_and_gradient() -> None:
    """What the correction rests on: no other thread works while this one is idle."""
    weight = torch.randn(600, 600, requires_grad=True)
    whole, own = time.process_time(), time.thread_time()
    for _ in range(20):
        torch.nn.functional.silu(torch.randn(600, 600) @ weight).sum().backward()
    whole, own = time.process_time() - whole, time.thread_time() - own
    assert own >= 0.7 * whole / torch.get_num_threads()


@pytest.mark.parametrize(("given", "expected"), [({}, "3000"), ({"OMP_WAIT_POLICY": "active"}, "None")])
def test_threads_that_wait_give_the_processor_back_soon(given: dict[str, str], expected: str) -> None:
    """Unless the user has said how threads shall wait."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    code = "import model, os; print(os.environ.get('GOMP_SPINCOUNT'))"
    done = subprocess.run([sys.executable, "-c", code], env=kept | given, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == expected


class Clock:
    """In the place of the module `time`: its clock is set by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def perf_counter(self) -> float:
        return self.at

    def thread_time(self) -> float:
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(speed, "time", made)
    return made


def _gpu(clock: Clock, *seconds: float) -> GpuSpeed:
    """A GPU whose piece of work takes these seconds, one after the other."""
    left = iter(seconds)

    def piece() -> float:
        took = next(left)
        clock.at += took
        return took

    return GpuSpeed(piece)


def test_quiet_seconds_of_a_gpu_add_up(clock: Clock) -> None:
    """Twenty seconds between looks at full and at half speed hold fifteen quiet ones: a slowdown of 20 / 15."""
    meter = _gpu(clock, 1.0, 2.0)
    meter.look()
    begin = meter.now()
    clock.at += 20
    end = meter.now()
    meter.look()
    assert meter.slowdown(begin, end) == pytest.approx(20 / 15)
    assert meter.calibrated(begin, end) == pytest.approx(15)


def test_only_looks_beside_and_within_the_work_count(clock: Clock) -> None:
    meter = _gpu(clock, 9.0, 2.0, 2.0, 2.0, 9.0, 1.0)
    moments = []
    for _ in range(6):
        meter.look()
        clock.at += 6
        moments.append(meter.now())
        clock.at += 6
    assert meter.slowdown(moments[1], moments[2]) == pytest.approx(2.0)
    assert _gpu(clock).slowdown(moments[1], moments[2]) == 1.0, "nobody has looked"


def test_a_gpu_is_looked_at_when_it_is_due_and_that_is_no_part_of_the_work(clock: Clock) -> None:
    meter = _gpu(clock, 0.5, 0.5)
    begin = meter.now()
    for _ in range(11):
        meter.look()
        clock.at += 1
    assert meter.now().clock - begin.clock == pytest.approx(11.0)
    assert meter.looking == pytest.approx(1.0), "twice: at the beginning and after ten seconds"


def test_looking_in_the_midst_of_a_batch_is_no_part_of_its_seconds(
    tiny_model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def piece() -> float:
        time.sleep(0.05)
        return 0.05

    meter = GpuSpeed(piece)
    monkeypatch.setattr(speed, "EVERY", 0.0)
    monkeypatch.setattr(rows, "speedometer", lambda device: meter)
    monkeypatch.setattr("model.local.speedometer", lambda device: meter)
    started = time.perf_counter()
    (answers,) = tiny_model.generate(["Which flag is it?"] * 3, Sampling(max_new_tokens=6, stop=()))
    whole = time.perf_counter() - started
    assert meter.looking >= 6 * 0.05, "before each step"
    assert sum(answer.seconds for _, answer in answers) <= whole - meter.looking


def test_what_cannot_be_looked_at_counts_as_quiet() -> None:
    meter = Speedometer()
    meter.look()
    assert meter.slowdown(Moment(0.0, 0.0), Moment(9.0, 1.0)) == 1.0
