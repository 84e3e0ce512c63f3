"""LoRA adapters beside the frozen base: make, write, read again, switch on and off."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import torch
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import Linear as LoraLinear
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save

from data.cache_entry import SEAL, is_whole, sha256_of
from data.errors import TriviumError
from data.files import read_text, write_bytes
from data.progress import Progress, silent
from finetune.null_space import obtain_directions
from finetune.settings import TrainingSettings
from model.language_model import Trainable

WEIGHTS, CONFIG, RECORD = "adapter_model.safetensors", "adapter_config.json", "training.json"
IN_TRAINING = "in_training"  # name in the network of an adapter that is being trained
PREFIX = "base_model.model."  # of the names in peft's own files


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


@dataclass(frozen=True)
class Fresh:
    """What a training changes, and how to write it: weights and configuration into a folder."""

    parameters: list[torch.nn.Parameter]
    write: Callable[[Path], int]  # returns how many numbers were trained
    confine: Callable[[], None] = lambda: None  # called after each change: takes back what the training may not touch
    record: Mapping[str, Any] = field(default_factory=dict)  # of what was made for it


class Lora:
    """LoRA as what is trained."""

    key: ClassVar[dict[str, Any]] = {}  # of a training, beside base, settings and examples

    @contextmanager
    def fresh(self, model: Trainable, settings: TrainingSettings, progress: Progress = silent) -> Iterator[Fresh]:
        """A new adapter, switched on."""
        config, name = lora_config(settings), IN_TRAINING

        def write(folder: Path) -> int:
            weights = get_peft_model_state_dict(model.network, adapter_name=name)
            # With the prefix of peft's own files, so that peft and servers that read its adapters find every weight.
            tensors = {PREFIX + key: tensor.contiguous().cpu() for key, tensor in sorted(weights.items())}
            write_bytes(folder / WEIGHTS, save(tensors))
            config.save_pretrained(folder)
            return sum(tensor.numel() for tensor in tensors.values())

        spared = obtain_directions(model, settings.spare, progress) if settings.spare else None
        with new_adapter(model, config, name) as parameters:
            if spared is None:
                yield Fresh(parameters, write)
                return
            confine = partial(spared.keep_out, model.network, name)
            confine()
            yield Fresh(parameters, write, confine, {"spare": dict(spared.record)})


def read_adapter(folder: Path, reused: bool) -> Adapter:
    """Read a saved adapter's facts and check its files against the digests taken when they were written.

    Raises:
        TriviumError: they have changed since.
    """
    if not _is_unchanged(folder):
        raise TriviumError(f"{folder}: the adapter has changed since it was trained. Delete the folder.")
    training = json.loads(read_text(folder / RECORD))
    return Adapter(folder, training["sha256"], training, reused)


def is_old(folder: Path) -> bool:
    """Whether it is an adapter of an earlier version, which checked its weights alone, with the weights it had."""
    try:
        wanted = json.loads(read_text(folder / RECORD))["sha256"]
        return (folder / CONFIG).exists() and sha256_of(folder / WEIGHTS) == wanted
    except (TriviumError, ValueError, KeyError, TypeError):
        return False


def _is_unchanged(folder: Path) -> bool:
    return is_whole(folder) or (not (folder / SEAL).exists() and is_old(folder))


def holds(folder: Path, key: str) -> bool:
    """Whether the adapter of this very training lies in the folder, unchanged."""
    return _is_unchanged(folder) and json.loads(read_text(folder / RECORD)).get("key") == key


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
