"""What is trained on a domain: kept in the run, from the cache, or trained now; a stopped training goes on."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import astuple
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import torch

from data import jsonl
from data.cache_entry import cache_folder, obtain, sha256_of
from data.errors import TriviumError
from data.files import whole_folder, write_json
from data.progress import Progress, silent
from finetune.adapter import RECORD, WEIGHTS, Adapter, Fresh, Lora, holds, is_old, read_adapter
from finetune.checkpoint import Checkpoint
from finetune.examples import Example
from finetune.settings import TrainingSettings
from finetune.steps import epochs_of
from finetune.together import together
from finetune.train import Gradients, alone, train
from model.language_model import Trainable

_MEASURED = 4  # steps
Watch = Callable[[int], dict[str, Any]]  # after a step, what its line of the curve should hold besides


class Kind(Protocol):
    """What is trained beside the frozen weights: an adapter, or keys and values before the prompt."""

    @property
    def key(self) -> dict[str, Any]:
        """What decides what comes out of a training, beside base, settings and examples."""

    def fresh(
        self, model: Trainable, settings: TrainingSettings, progress: Progress = silent
    ) -> AbstractContextManager[Fresh]:
        """As it is before the first step, switched on."""


LORA: Kind = Lora()


def training_key(model: Trainable, examples: Sequence[Example], settings: TrainingSettings, kind: Kind = LORA) -> str:
    """Digest of all that decides what comes out of a training.

    What says nothing where there is no rehearsal, or nothing is spared, is left out then, so that adapters from before
    it came in are found.
    """
    rehearses = bool(settings.rehearsal)
    unused = {name for name in ("rehearsal", "spare") if not getattr(settings, name)}
    content = {
        "base": model.fingerprint(),
        "device": model.device,
        "kind": kind.key,
        "settings": settings.model_dump(exclude=settings.unkeyed | unused),
        "examples": [astuple(example)[: None if rehearses else -1] for example in examples],
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _train_into(
    folder: Path,
    key: str,
    model: Trainable,
    examples: Sequence[Example],
    settings: TrainingSettings,
    progress: Progress,
    checkpoint: Checkpoint,
    curve: Path,
    watch: Watch,
    kind: Kind,
) -> None:
    """Train a new adapter and write it into an empty folder. A stopped training goes on from its checkpoint.

    Args:
        curve: file to which each step adds its line while it trains, for whoever watches.
    """
    told = jsonl.read_whole(curve)

    def tell(step: int, line: dict[str, Any]) -> bool:
        line.update(watch(step))
        curve.parent.mkdir(parents=True, exist_ok=True)
        if step <= len(told):  # what was told after the checkpoint is told again
            del told[step - 1 :]
            jsonl.write(curve, told)
        told.append(line)
        jsonl.append(curve, [line], sync=False)
        return False

    torch.manual_seed(settings.seed)
    with kind.fresh(model, settings, progress) as fresh:
        steps = epochs_of(examples, settings)
        with _gradients(model, fresh, examples, settings, kind) as gradients:
            measured = train(
                model, fresh.parameters, steps, settings, progress, tell, checkpoint, gradients=gradients,
                confine=fresh.confine,
            )  # fmt: skip
        numbers = fresh.write(folder)
    measured |= {
        **fresh.record,
        "key": key,
        "settings": settings.model_dump(),
        "trained_parameters": numbers,
        "sha256": sha256_of(folder / WEIGHTS),
        "device": model.device,
    }
    write_json(folder / RECORD, measured)


@contextmanager
def _gradients(
    model: Trainable, fresh: Fresh, examples: Sequence[Example], settings: TrainingSettings, kind: Kind
) -> Iterator[Gradients]:
    """What computes the gradients of each step: this process, or several."""
    if settings.processes == 1:
        yield alone
        return
    with together(model, fresh.parameters, examples, settings, kind.key) as shared:
        yield shared


def measure_step(model: Trainable, examples: Sequence[Example], settings: TrainingSettings, kind: Kind = LORA) -> float:
    """Seconds of one training step on what is thrown away: the mean of a few in the middle of a training."""
    steps = epochs_of(examples, settings)
    middle = len(steps) // 2
    stretch = steps[middle : middle + _MEASURED]
    with kind.fresh(model, settings.model_copy(update={"spare": 0.0})) as fresh:  # takes a step hardly any time
        return float(train(model, fresh.parameters, stretch, settings, silent)["seconds"]) / len(stretch)


def is_trained(model: Trainable, examples: Sequence[Example], settings: TrainingSettings, kind: Kind = LORA) -> bool:
    """Whether an earlier run left the adapter of this very training in the cache."""
    key = training_key(model, examples, settings, kind)
    return holds(cache_folder() / "adapters" / key[:32], key)


def obtain_adapter(
    model: Trainable, examples: Sequence[Example], settings: TrainingSettings, progress: Progress, kept: Path,
    watch: Watch = lambda step: {}, kind: Kind = LORA,
) -> Adapter:  # fmt: skip
    """The adapter for this base, these examples and settings: kept in the run, from the cache, or trained now.

    Where another process trains the same one, this waits for it. A damaged adapter is made again. Seconds in its record
    are those of its training, whenever that was.

    Args:
        kept: the adapter's place in the run's folder; a copy is put there.
        watch: called after each step, while the adapter under training is switched on.
        kind: what is trained.

    Raises:
        TriviumError: there is nothing to train on.
    """
    if not examples:
        raise TriviumError("there is nothing to train on: no training wordings and no document text.")
    key = training_key(model, examples, settings, kind)
    if holds(kept, key):
        return read_adapter(kept, reused=True)
    cached, curve = cache_folder() / "adapters" / key[:32], kept.with_name(f"{kept.name}.curve.jsonl")
    checkpoint = Checkpoint(cached.with_suffix(".partial"))

    def make(folder: Path) -> None:
        _train_into(folder, key, model, examples, settings, progress, checkpoint, curve, watch, kind)

    reused = obtain(cached, make, "adapter", progress, is_old)
    if not reused:
        checkpoint.drop()
        curve.unlink(missing_ok=True)  # the record holds all of it
    with whole_folder(kept) as scratch:
        shutil.copytree(cached, scratch, dirs_exist_ok=True)
    return read_adapter(kept, reused)
