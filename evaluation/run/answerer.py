"""What answers elsewhere: a process, on any machine, that holds the model and answers the batches that it is given."""

import platform
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from data.errors import TriviumError
from data.files import write_bytes
from evaluation.run.preparing import TrainedAdapter
from evaluation.run.run_record import package_versions
from finetune.adapter import read_adapter
from model.batch import Batch, Planning
from model.language_model import Generation, LanguageModel, PrefixSharing, offers
from model.memory import peak_bytes, reset_peak
from model.options import ModelOptions
from model.registry import load_model
from model.sampling import Sampling
from model.speed import meter_of

SAME = ("weights", "tokenizer")  # of a model's identity: with these the answers to the same tokens are the same


@dataclass(frozen=True)
class Given:
    """What the batches of one list of prompts are answered with."""

    model: str
    identity: Mapping[str, Any]  # of the model that planned the batches
    sampling: Sampling
    prefix: tuple[int, ...]  # token ids; read ahead, so that no answer's seconds hold it
    trained: TrainedAdapter | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)  # of what was trained
    merged: bool = True


@dataclass(frozen=True)
class Done:
    """A batch's answers, each with the place of its prompt, and what they took here."""

    answers: list[tuple[int, Generation]]
    processor_s: float
    peak_bytes: int | None
    notes: list[str]  # what the user should know


@dataclass(frozen=True)
class Place:
    """Where it answers."""

    node: str
    machine: str  # its kind: what products of matrices depend on
    versions: Mapping[str, str]


class Answerer:
    """Models are loaded when they are first asked; what was trained stays switched on until something else is asked.

    Args:
        threads: that a product of matrices is computed with: as many as in the process that plans, so that sums are
            added up in the same order.
    """

    def __init__(self, options: ModelOptions, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self._options = options
        self._models: dict[str, LanguageModel] = {}
        self._notes: list[str] = []
        self._switched, self._on = ExitStack(), ("", "", False)

    def place(self) -> Place:
        """Where this is, and with which versions of what computes."""
        import ray

        node = ray.get_runtime_context().get_node_id()
        return Place(node, kind_of_machine(self._options.device), package_versions())

    def answer(self, given: Given, batch: Batch) -> Done:
        """Answer a batch.

        Raises:
            TriviumError: other weights lie here under the model's name, or memory does not hold a single prompt.
        """
        begun = time.process_time()
        model = self._model(given)
        reset_peak(model.device)
        self._switch(model, given)
        if sharing := offers(model, PrefixSharing):
            sharing.read_shared(given.prefix)
        meter = meter_of(model)
        started = meter.now()
        answers = planning(model).answer_batch(batch, given.sampling)
        slowdown = round(meter.slowdown(started, meter.now()), 4)
        timed = [(place, replace(answer, slowdown=slowdown)) for place, answer in answers]
        notes, self._notes[:] = list(self._notes), []
        return Done(timed, time.process_time() - begun, peak_bytes(model.device), notes)

    def _model(self, given: Given) -> LanguageModel:
        if given.model not in self._models:
            model = load_model(given.model, self._options)
            own = model.identity()
            if other := [key for key in SAME if own.get(key) != given.identity.get(key)]:
                raise TriviumError(
                    f"{platform.node()}: the model {given.model} there is another one ({', '.join(other)}). Put the "
                    "same files there, or leave that machine out."
                )
            model.tell = self._notes.append
            self._models[given.model] = model
        return self._models[given.model]

    def _switch(self, model: LanguageModel, given: Given) -> None:
        """Switch on what was trained, and off what was on."""
        wanted = (given.model, given.trained.sha256 if given.trained else "", given.merged)
        if wanted == self._on:
            return
        self._switched.close()
        self._on = ("", "", False)
        if given.trained:
            with TemporaryDirectory() as folder:
                for name, content in given.files.items():
                    write_bytes(Path(folder) / name, content)
                trained = replace(given.trained, adapter=read_adapter(Path(folder), reused=True))
                self._switched.enter_context(trained.switched_on(model, given.merged))
        self._on = wanted


def planning(model: LanguageModel) -> Planning:
    """The model as one whose batches are known before. Raises TriviumError where it has no weights here."""
    if planning := offers(model, Planning):
        return planning
    raise TriviumError(f"--ray: {model.name} has no weights that another process could load. Leave --ray out.")


def kind_of_machine(device: str | None) -> str:
    """What decides how floating-point numbers are added up: the GPU, or the processor and what torch uses of it."""
    import torch

    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
