"""How much of its speed this machine gives to us now: the same small piece of work, timed again and again.

Seconds on a clock depend on everything else that runs. On a processor the piece is done twice: by all threads, timed by
the clock, and by one thread, timed by the processor seconds that it was given, which other processes hardly change
(beside six busy processes on two cores 0.081 to 0.088 s were measured, alone 0.083 s). Their ratio says how many times
longer than on a quiet machine work takes at this moment. On a GPU the piece is compared with its fastest time so far.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import fmean, median
from typing import TYPE_CHECKING

from data.progress import ScopedProgress
from model.language_model import LanguageModel, Weights, offers

if TYPE_CHECKING:
    from torch import Tensor

QUIET = 1.1  # up to here is what threads and a quiet machine themselves vary by
EVERY = 10.0  # seconds between two samples while work goes on; one takes some 0.1 s on a quiet machine
_SIZE, _REPEATS, _PIECES = 512, 5, 5
_GPU_SIZE = 4096


@dataclass(frozen=True)
class Sample:
    """One look at the machine.

    Args:
        at: seconds of `time.perf_counter`.
        slowdown: how many times longer than alone the piece took: 1 on a quiet machine, never less.
    """

    at: float
    slowdown: float


def _piece(matrix: "Tensor", threads: int) -> tuple[float, float]:
    """Wall and processor seconds of the piece, by so many threads."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        wall, processor = time.perf_counter(), time.thread_time()
        for _ in range(_REPEATS):
            torch.matmul(matrix, matrix)
        return time.perf_counter() - wall, time.thread_time() - processor
    finally:
        torch.set_num_threads(before)


def processor_slowdown() -> float:
    """How many times longer than on a quiet machine work of all threads takes now; 1 up to `QUIET`.

    The median of some pieces: one of a few milliseconds is thrown far off by a single interruption.
    """
    import torch

    matrix = torch.ones(_SIZE, _SIZE)
    threads = torch.get_num_threads()
    found = []
    for _ in range(_PIECES):
        (wall, _), (_, alone) = _piece(matrix, threads), _piece(matrix, 1)
        found.append(wall * threads / alone)
    slowdown = median(found)
    return slowdown if slowdown > QUIET else 1.0


def _gpu_seconds() -> float:
    import torch

    matrix = torch.ones(_GPU_SIZE, _GPU_SIZE, device="cuda", dtype=torch.bfloat16)
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(_REPEATS):
        torch.matmul(matrix, matrix)
    torch.cuda.synchronize()
    return time.perf_counter() - started


class Speedometer:
    """Samples taken before, during and after pieces of work.

    Args:
        device: where the work is done.
        measure: takes one sample's slowdown; default: that of the device.
    """

    def __init__(self, device: str = "cpu", measure: Callable[[], float] | None = None) -> None:
        self._measure = measure or (self._gpu_slowdown if device == "cuda" else processor_slowdown)
        self._fastest = float("inf")
        self.samples: list[Sample] = []

    def _gpu_slowdown(self) -> float:
        seconds = _gpu_seconds()
        self._fastest = min(self._fastest, seconds)
        return seconds / self._fastest

    def sample(self) -> None:
        """Look at the machine now."""
        slowdown = self._measure()
        self.samples.append(Sample(time.perf_counter(), slowdown))

    def sample_if_due(self) -> None:
        """Look at it where the last look is `EVERY` seconds old."""
        if not self.samples or time.perf_counter() - self.samples[-1].at >= EVERY:
            self.sample()

    def slowdown(self, begin: float, end: float) -> float:
        """Of work between two points of `time.perf_counter`: from the samples within, and those beside it.

        The harmonic mean, because quiet seconds add up: a clock's second at slowdown 2 holds half a quiet one.
        """
        before = [sample for sample in self.samples if sample.at <= begin][-1:]
        within = [sample for sample in self.samples if begin < sample.at < end]
        after = [sample for sample in self.samples if sample.at >= end][:1]
        used = [*before, *within, *after]
        return 1 / fmean(1 / sample.slowdown for sample in used) if used else 1.0

    def calibrated(self, begin: float, end: float) -> float:
        """Seconds that the work between two points would have taken on a quiet machine."""
        return (end - begin) / self.slowdown(begin, end)


@cache
def speedometer(device: str) -> Speedometer:
    """The one of this process: there is one machine, and what looks at it shares its samples."""
    return Speedometer(device)


@cache
def _elsewhere() -> Speedometer:
    return Speedometer(measure=lambda: 1.0)


def meter_of(model: LanguageModel) -> Speedometer:
    """What looks at the machine that this model computes on; for a model elsewhere always quiet, as nobody can tell."""
    return speedometer(model.device) if offers(model, Weights) else _elsewhere()


class Watched:
    """Progress of a run that looks at the machine now and then, also within a long training."""

    def __init__(self, progress: ScopedProgress, speedometer: Speedometer) -> None:
        self._progress, self._speedometer = progress, speedometer

    @property
    def scope(self) -> str:
        return self._progress.scope

    @scope.setter
    def scope(self, scope: str) -> None:
        self._progress.scope = scope

    def note(self, text: str) -> None:
        self._progress.note(text)

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        self._speedometer.sample_if_due()
        self._progress(step, done, total)
