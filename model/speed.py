"""Seconds on the clock, and what they would be on a quiet machine.

A clock's seconds depend on everything else that runs. The thread that computes also counts the seconds that a processor
worked for it. It takes part in every product of matrices and is idle at no time (model/__init__.py lets threads that
wait give the processor back soon), so what the clock says beyond them went to others. docs/cost.md has measurements. On
a GPU a small piece of work is timed now and then instead, and compared with its fastest time so far.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from statistics import harmonic_mean

from model.language_model import LanguageModel, Weights, offers

QUIET = 1.1  # up to here is what a quiet machine itself varies by
EVERY = 10.0  # seconds between two looks at a GPU while it works
_SIZE, _REPEATS = 4096, 5


@dataclass(frozen=True)
class Moment:
    """A point in time, to be compared with others of the same thread.

    Args:
        clock: seconds of `time.perf_counter`, those that looking at the machine took left out.
        processor: seconds that the processor has worked for this thread.
    """

    clock: float
    processor: float


class Speedometer:
    """Of a machine that cannot be looked at from here: it counts as quiet."""

    looking = 0.0  # seconds that looking at the machine has taken

    def now(self) -> Moment:
        return Moment(time.perf_counter() - self.looking, time.thread_time())

    def look(self) -> None:
        """Called in the midst of work, so that a long piece of it is seen as it goes on."""

    def slowdown(self, begin: Moment, end: Moment) -> float:
        """How many times longer than on a quiet machine the work between took: 1 up to `QUIET`."""
        slowdown = self._slowdown(begin, end)
        return slowdown if slowdown > QUIET else 1.0

    def _slowdown(self, begin: Moment, end: Moment) -> float:
        return 1.0

    def calibrated(self, begin: Moment, end: Moment) -> float:
        """Seconds that the work between would have taken on a quiet machine."""
        return (end.clock - begin.clock) / self.slowdown(begin, end)


class ProcessorSpeed(Speedometer):
    """Of work that the calling thread does, alone or together with others."""

    def _slowdown(self, begin: Moment, end: Moment) -> float:
        own = end.processor - begin.processor
        return (end.clock - begin.clock) / own if own else 1.0


class GpuSpeed(Speedometer):
    """Of a GPU, from a piece of work that is done while `look` is called, every `EVERY` seconds.

    A GPU that others use from the first to the last sample alike is not noticed.

    Args:
        piece: does it; returns its seconds.
        settle: waits for what was asked of the GPU before, which is a part of the work.
    """

    def __init__(self, piece: Callable[[], float], settle: Callable[[], None] = lambda: None) -> None:
        self._piece, self._settle = piece, settle
        self._samples: list[tuple[float, float]] = []  # when, in seconds of the clock, and the piece's seconds

    def look(self) -> None:
        if self._samples and self.now().clock - self._samples[-1][0] < EVERY:
            return
        self._settle()
        started = time.perf_counter()
        self._samples.append((started - self.looking, self._piece()))
        self.looking += time.perf_counter() - started

    def _slowdown(self, begin: Moment, end: Moment) -> float:
        """From the samples within, and those beside.

        The harmonic mean, because quiet seconds add up: a clock's second at slowdown 2 holds half a quiet one.
        """
        before = [seconds for at, seconds in self._samples if at <= begin.clock][-1:]
        within = [seconds for at, seconds in self._samples if begin.clock < at < end.clock]
        after = [seconds for at, seconds in self._samples if at >= end.clock][:1]
        fastest, used = min((seconds for _, seconds in self._samples), default=0.0), [*before, *within, *after]
        return harmonic_mean(used) / fastest if used else 1.0


def _settle(device: str) -> None:
    import torch

    torch.get_device_module(device).synchronize()


def _products(device: str) -> float:
    import torch

    matrix = torch.ones(_SIZE, _SIZE, device=device, dtype=torch.float16)
    torch.matmul(matrix, matrix)  # the first one also loads what it needs
    _settle(device)
    started = time.perf_counter()
    for _ in range(_REPEATS):
        torch.matmul(matrix, matrix)
    _settle(device)
    return time.perf_counter() - started


@cache
def speedometer(device: str) -> Speedometer:
    """The one of this process for cpu, cuda or mps: what works on a device shares what is known of it."""
    return ProcessorSpeed() if device == "cpu" else GpuSpeed(partial(_products, device), partial(_settle, device))


@cache
def _elsewhere() -> Speedometer:
    return Speedometer()


def meter_of(model: LanguageModel) -> Speedometer:
    """What looks at the machine that this model computes on; for a model elsewhere always quiet, as nobody can tell."""
    return speedometer(model.device) if offers(model, Weights) else _elsewhere()
