"""LoRA adapters beside the frozen base: make, save, find again, switch on and off."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import torch
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import Linear as LoraLinear
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save

from data import jsonl
from data.cache_entry import SEAL, cache_folder, is_whole, obtain, sha256_of
from data.errors import TriviumError
from data.files import read_text, whole_folder, write_bytes, write_json
from data.progress import Progress, silent
from finetune.checkpoint import Checkpoint
from finetune.examples import Example
from finetune.settings import TrainingSettings
from finetune.train import Step, epochs_of, train
from model.language_model import Trainable

WEIGHTS, CONFIG, RECORD = "adapter_model.safetensors", "adapter_config.json", "training.json"
PREFIX = "base_model.model."  # of the names in peft's own files
Watch = Callable[[int], dict[str, Any]]  # after a step, what its line of the curve should hold besides


@dataclass(frozen=True)
class Adapter:
    """A trained adapter: where it lies, the digest of its weights, and what its training measured."""

    folder: Path
    sha256: str
    training: dict[str, Any]
    reused: bool  # trained by an earlier run on the same data, settings and base

    @property
    def name(self) -> str:
        """Its name in the network, which no other adapter has."""
        return f"adapter-{self.sha256[:16]}"


def training_key(model: Trainable, examples: Sequence[Example], settings: TrainingSettings) -> str:
    """Digest of all that decides what comes out of a training."""
    content = {
        "base": model.fingerprint(),
        "device": model.device,
        "settings": settings.model_dump(exclude={"checkpointing"}),
        "examples": [(example.prompt, example.completion) for example in examples],
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def lora_config(settings: TrainingSettings) -> LoraConfig:
    """The recipe as peft wants it: LoRA (Hu et al. 2021, arXiv 2106.09685) on all linear layers, without dropout."""
    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


@contextmanager
def new_adapter(model: Trainable, config: LoraConfig, name: str) -> Iterator[list[torch.nn.Parameter]]:
    """The parameters of a fresh adapter that is the only one while it is trained, and gone afterwards.

    One that answered before lies disabled in the network, and a new one beside it would be disabled too.
    """
    for known in list(getattr(model.network, "peft_config", {})):
        model.network.delete_adapter(known)
    model.network.add_adapter(config, adapter_name=name)
    try:
        model.network.enable_adapters()
        parameters = [p for key, p in model.network.named_parameters() if f".{name}." in key]
        for parameter in parameters:
            # peft makes it like the base: in bfloat16 small updates would round away, and the optimizer's means too.
            parameter.data = parameter.data.float()
            parameter.requires_grad_(True)
        yield parameters
    finally:
        model.network.delete_adapter(name)


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
    config, name = lora_config(settings), "in_training"
    with new_adapter(model, config, name) as parameters:
        steps = epochs_of(examples, settings)
        measured = train(model, parameters, steps, settings, progress, tell, checkpoint)
        weights = get_peft_model_state_dict(model.network, adapter_name=name)
    # With the prefix of peft's own files, so that peft and servers that read its adapters find every weight.
    tensors = {PREFIX + name: tensor.contiguous().cpu() for name, tensor in sorted(weights.items())}
    write_bytes(folder / WEIGHTS, save(tensors))
    config.save_pretrained(folder)
    measured |= {
        "key": key,
        "settings": settings.model_dump(),
        "trained_parameters": sum(tensor.numel() for tensor in weights.values()),
        "sha256": sha256_of(folder / WEIGHTS),
        "device": model.device,
    }
    write_json(folder / RECORD, measured)


def measure_step(model: Trainable, examples: Sequence[Example], settings: TrainingSettings) -> float:
    """Seconds of one training step on an adapter that is thrown away: the median of three."""
    batch = list(examples[:: max(1, len(examples) // settings.batch_size)])[: settings.batch_size]
    with new_adapter(model, lora_config(settings), "measured") as parameters:
        seconds = [train(model, parameters, [Step(1, [batch])], settings, silent)["seconds"] for _ in range(3)]
    return float(median(seconds))


def read_adapter(folder: Path, reused: bool) -> Adapter:
    """Read a saved adapter's facts and check its files against the digests taken when they were written.

    Raises:
        TriviumError: they have changed since.
    """
    if not _is_unchanged(folder):
        raise TriviumError(f"{folder}: the adapter has changed since it was trained. Delete the folder.")
    training = json.loads(read_text(folder / RECORD))
    return Adapter(folder, training["sha256"], training, reused)


def _is_old(folder: Path) -> bool:
    """Whether it is an adapter of an earlier version, which checked its weights alone, with the weights it had."""
    try:
        wanted = json.loads(read_text(folder / RECORD))["sha256"]
        return (folder / CONFIG).exists() and sha256_of(folder / WEIGHTS) == wanted
    except (TriviumError, ValueError, KeyError, TypeError):
        return False


def _is_unchanged(folder: Path) -> bool:
    return is_whole(folder) or (not (folder / SEAL).exists() and _is_old(folder))


def _holds(folder: Path, key: str) -> bool:
    """Whether the adapter of this very training lies in the folder, unchanged."""
    return _is_unchanged(folder) and json.loads(read_text(folder / RECORD)).get("key") == key


def is_trained(model: Trainable, examples: Sequence[Example], settings: TrainingSettings) -> bool:
    """Whether an earlier run left the adapter of this very training in the cache."""
    key = training_key(model, examples, settings)
    return _holds(cache_folder() / "adapters" / key[:32], key)


def obtain_adapter(
    model: Trainable, examples: Sequence[Example], settings: TrainingSettings, progress: Progress, kept: Path,
    watch: Watch = lambda step: {},
) -> Adapter:  # fmt: skip
    """The adapter for this base, these examples and settings: kept in the run, from the cache, or trained now.

    Where another process trains the same one, this waits for it. A damaged adapter is made again. Seconds in its record
    are those of its training, whenever that was.

    Args:
        kept: the adapter's place in the run's folder; a copy is put there.
        watch: called after each step, while the adapter under training is switched on.

    Raises:
        TriviumError: there is nothing to train on.
    """
    if not examples:
        raise TriviumError("there is nothing to train on: no training wordings and no document text.")
    key = training_key(model, examples, settings)
    if _holds(kept, key):
        return read_adapter(kept, reused=True)
    cached, curve = cache_folder() / "adapters" / key[:32], kept.with_name(f"{kept.name}.curve.jsonl")
    checkpoint = Checkpoint(cached.with_suffix(".partial"))

    def make(folder: Path) -> None:
        _train_into(folder, key, model, examples, settings, progress, checkpoint, curve, watch)

    reused = obtain(cached, make, "adapter", progress, _is_old)
    if not reused:
        checkpoint.drop()
        curve.unlink(missing_ok=True)  # the record holds all of it
    with whole_folder(kept) as scratch:
        shutil.copytree(cached, scratch, dirs_exist_ok=True)
    return read_adapter(kept, reused)


@contextmanager
def switched_on(model: Trainable, adapter: Adapter, merged: bool = True) -> Iterator[None]:
    """Answer with the adapter; afterwards the base is alone again, bit by bit as before.

    Args:
        merged: add the adapter to the weights while it answers, which spares two products a layer. Only in float32; in
            bfloat16 the sum would lose a part of it.
    """
    if adapter.name not in getattr(model.network, "peft_config", {}):
        model.network.load_adapter(str(adapter.folder), adapter_name=adapter.name)
        model.network.requires_grad_(False)
        _load_exactly(model, adapter)
    model.network.set_adapter(adapter.name)
    model.network.enable_adapters()
    try:
        with model.adapted(adapter.sha256), _added(model, adapter.name) if merged else nullcontext():
            yield
    finally:
        model.network.disable_adapters()


def _load_exactly(model: Trainable, adapter: Adapter) -> None:
    """Put every tensor of the file into the network, bit by bit: the library rounds them like the base.

    Raises:
        TriviumError: one has no place there, which the library would pass over, or a place has none.
    """
    written = {name.removeprefix(PREFIX): tensor for name, tensor in load_file(adapter.folder / WEIGHTS).items()}
    places = {
        name.replace(f".{adapter.name}.", ".").removeprefix(PREFIX): parameter
        for name, parameter in model.network.named_parameters()
        if f".{adapter.name}." in name
    }
    for name in sorted(written.keys() | places.keys()):
        if name not in written or name not in places or written[name].shape != places[name].shape:
            model.network.delete_adapter(adapter.name)
            raise TriviumError(f"{adapter.folder / WEIGHTS}: '{name}' was not loaded as it was written.")
        places[name].data = written[name].to(places[name].device)


@contextmanager
def _added(model: Trainable, name: str) -> Iterator[None]:
    """The adapter as a part of the weights. They are put back from a copy, not by subtracting, which would round.

    Weights in fewer bits cannot take it: there it answers beside them.
    """
    layers = [layer for layer in model.network.modules() if isinstance(layer, LoraLayer)]
    bases = [layer.get_base_layer().weight for layer in layers]
    if any(type(layer) is not LoraLinear for layer in layers) or any(w.dtype != torch.float32 for w in bases):
        yield
        return
    kept = [weight.detach().clone() for weight in bases]
    try:
        with torch.no_grad():
            for layer, weight in zip(layers, bases, strict=True):
                weight.add_(layer.get_delta_weight(name))
        model.network.disable_adapters()
        yield
    finally:
        with torch.no_grad():
            for weight, before in zip(bases, kept, strict=True):
                weight.copy_(before)
