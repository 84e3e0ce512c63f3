"""A training over several processes: each computes gradients of its share of a step, one of them changes the weights.

A step's examples are dealt out, and each process weighs its part by the completion tokens of the whole step, so that
the sum of the gradients is that of one process. There is no dropout, and the order of examples follows from the seed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

import torch
from torch import distributed

from data.errors import TriviumError
from data.files import write_json
from finetune.examples import Example
from finetune.settings import TrainingSettings
from finetune.steps import Step
from finetune.train import Gradients, step_gradients, weight_of
from model.language_model import Trainable

END = -1  # instead of a step's number
JOB, STORE, READY = "job.json", "store", "ready-"
_LIMIT = timedelta(minutes=30)  # that one process waits for another
_DIED = "a process of this training has ended{}; what was trained so far is kept, and the same command goes on from it."


def share_of(groups: Sequence[Sequence[Example]], rank: int, size: int) -> list[list[Example]]:
    """The examples of a step that one of `size` processes reads; groups begin in turn, so that small ones spread."""
    shares = [list(group[(rank - at) % size :: size]) for at, group in enumerate(groups)]
    return [share for share in shares if share]


def gradients_of(model: Trainable, step: Step, parameters: Sequence[torch.nn.Parameter], rank: int, size: int) -> Any:
    """Gradients of one share and, as the last number, its part of the loss: (numbers + 1), float32, not on a GPU."""
    total = sum(map(weight_of, step.groups))
    loss = step_gradients(model, share_of(step.groups, rank, size), total)
    parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    return flat([*parts, torch.tensor([loss])])


def flat(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """All numbers in a row, as they are sent."""
    return torch.cat([tensor.detach().float().cpu().flatten() for tensor in tensors])


def put(numbers: torch.Tensor, tensors: Sequence[torch.Tensor]) -> None:
    """Numbers in a row back into tensors."""
    begin = 0
    with torch.no_grad():
        for tensor in tensors:
            tensor.copy_(numbers[begin : begin + tensor.numel()].view_as(tensor))
            begin += tensor.numel()


def meet(folder: Path, rank: int, size: int) -> None:
    """Wait for the other processes. They reach one another on this machine alone, through a file."""
    if sys.platform == "linux":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    place = f"file://{folder / STORE}"
    distributed.init_process_group("gloo", init_method=place, rank=rank, world_size=size, timeout=_LIMIT)


@contextmanager
def together(
    model: Trainable, parameters: Sequence[torch.nn.Parameter], examples: Sequence[Example],
    settings: TrainingSettings, kind: dict[str, Any],
) -> Iterator[Gradients]:  # fmt: skip
    """What computes the gradients of each step, for `train`, with the other processes that the settings ask for.

    Args:
        kind: key of what is trained, from which the others make the same.

    Raises:
        TriviumError: one cannot begin, or ends in the middle.
    """
    size = settings.processes
    with TemporaryDirectory() as scratch, TemporaryFile() as told:
        folder = Path(scratch)
        job = {"model": model.name, "device": model.device, "fingerprint": model.fingerprint(), "kind": kind,
               "settings": settings.model_dump() | {"spare": 0.0},  # the leader alone changes the weights
               "examples": [asdict(example) for example in examples],
               "size": size, "threads": torch.get_num_threads()}  # fmt: skip
        write_json(folder / JOB, job)
        workers = [_start(folder, rank, model.device, told) for rank in range(1, size)]
        try:
            _wait_until_loaded(folder, workers, told)
            meet(folder, 0, size)
            yield _Leader(model, parameters, size, workers, told).gradients
            distributed.broadcast(torch.tensor([END]), src=0)
            for worker in workers:
                worker.wait(60)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            if distributed.is_initialized():
                distributed.destroy_process_group()


class _Leader:
    """The process that changes the weights."""

    def __init__(
        self, model: Trainable, parameters: Sequence[torch.nn.Parameter], size: int,
        workers: Sequence[subprocess.Popen[bytes]], told: IO[bytes],
    ) -> None:  # fmt: skip
        self.model, self.parameters, self.size = model, parameters, size
        self.workers, self.told = workers, told

    def gradients(self, model: Trainable, number: int, step: Step) -> float:
        """Leave the gradients of the whole step in the parameters; returns its loss."""
        self._send(torch.tensor([number]))
        self._send(flat(self.parameters))
        mine = gradients_of(model, step, self.parameters, 0, self.size)
        try:
            distributed.reduce(mine, dst=0)
        except RuntimeError as error:
            raise TriviumError(_died(self.told)) from error
        for parameter in self.parameters:
            parameter.grad = torch.empty_like(parameter)
        put(mine[:-1], [p.grad for p in self.parameters if p.grad is not None])
        return float(mine[-1])

    def _send(self, numbers: torch.Tensor) -> None:
        try:
            distributed.broadcast(numbers, src=0)
        except RuntimeError as error:
            raise TriviumError(_died(self.told)) from error


def _start(folder: Path, rank: int, device: str, told: IO[bytes]) -> "subprocess.Popen[bytes]":
    environment = dict(os.environ)
    if device == "cuda":  # each its own GPU; this process has the first
        visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
        names = visible or [str(number) for number in range(torch.cuda.device_count())]
        if rank >= len(names):
            raise TriviumError(
                f"--train-processes {rank + 1}: each needs a GPU of its own, and there are {len(names)}."
            )
        environment["CUDA_VISIBLE_DEVICES"] = names[rank]
    command = [sys.executable, "-P", "-m", "finetune.worker", str(folder), str(rank)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=told, stderr=told)


def _wait_until_loaded(folder: Path, workers: Sequence["subprocess.Popen[bytes]"], told: IO[bytes]) -> None:
    """Raises TriviumError where one has ended before it was ready."""
    ranks = range(1, len(workers) + 1)
    while not all((folder / f"{READY}{rank}").exists() for rank in ranks):
        if any(worker.poll() is not None for worker in workers):
            raise TriviumError(_died(told))
        time.sleep(0.05)


def _died(told: IO[bytes]) -> str:
    """The sentence, with the last line that one of them has written."""
    told.seek(0)
    lines = told.read().decode(errors="replace").strip().splitlines()
    return _DIED.format(f" ({lines[-1]})" if lines else "")
