"""What a training that is watched can train: an adapter, or a prefix; its numbers by layer, and how far they moved."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar, Protocol

import torch
from peft.tuners.lora import Linear as LoraLinear
from safetensors.torch import load_file

from data.progress import Progress, silent
from finetune import adapter as adapters
from finetune import cartridge
from finetune.adapter import WEIGHTS, Adapter, Fresh, Lora
from finetune.anatomy import EACH_LAYER, Named, layer_of
from finetune.cartridge import PREFIX_DISTILLATION, Cartridge, prefix_settings
from finetune.obtain import Kind
from finetune.settings import TrainingSettings
from model.language_model import Trainable


class Watched(Kind, Protocol):
    """A kind of training whose numbers can be looked at while it works."""

    name: ClassVar[str]
    folder: ClassVar[str]  # of what was trained, before the seed; where the run's own method looks for it
    distillation: ClassVar[float]  # the method's own share of a teacher
    named: Named  # what is in training, while it is

    def settings(self, chosen: TrainingSettings) -> TrainingSettings:
        """The recipe as the run's own method uses it, so that it finds what was trained here."""

    def on(self, model: Trainable, trained: Adapter) -> AbstractContextManager[None]:
        """Answer with what was trained."""

    def last(self, model: Trainable, trained: Adapter) -> list[torch.Tensor]:
        """The values at the end, in the order of `named`, which is in training meanwhile."""

    def moved(self, model: Trainable, trained: Adapter) -> list[dict[str, Any]]:
        """By layer, the length of what training added beside that of what was there."""


class WatchedAdapter(Lora):
    """LoRA: two small matrices beside each weight matrix."""

    name: ClassVar[str] = "adapter"
    folder: ClassVar[str] = "seed"
    distillation: ClassVar[float] = 0.0

    def __init__(self) -> None:
        self.named: Named = ()

    def settings(self, chosen: TrainingSettings) -> TrainingSettings:
        return chosen

    @contextmanager
    def fresh(self, model: Trainable, settings: TrainingSettings, progress: Progress = silent) -> Iterator[Fresh]:
        """See `Kind`."""
        with super().fresh(model, settings, progress) as fresh:
            self.named = [(name, p) for name, p in model.network.named_parameters() if p.requires_grad]
            yield fresh

    def on(self, model: Trainable, trained: Adapter) -> AbstractContextManager[None]:
        return adapters.switched_on(model, trained, merged=False)

    def last(self, model: Trainable, trained: Adapter) -> list[torch.Tensor]:
        kept = load_file(trained.folder / WEIGHTS)
        keys = [adapters.PREFIX + name.replace(f".{adapters.IN_TRAINING}.", ".") for name, _ in self.named]
        return [kept[key].to(p.device) for key, (_, p) in zip(keys, self.named, strict=True)]

    @torch.no_grad()
    def moved(self, model: Trainable, trained: Adapter) -> list[dict[str, Any]]:
        added: dict[int, float] = {}
        base: dict[int, float] = {}
        for name, layer in model.network.named_modules():
            if isinstance(layer, LoraLinear):
                number, delta = layer_of(f".{name}."), layer.get_delta_weight(trained.name)
                added[number] = added.get(number, 0.0) + float(delta.double().pow(2).sum())
                weight = layer.get_base_layer().weight.double()
                base[number] = base.get(number, 0.0) + float(weight.pow(2).sum())
        return [{"layer": n, "added": added[n] ** 0.5, "base": base[n] ** 0.5} for n in sorted(added)]


class WatchedPrefix(Cartridge):
    """Keys and values of virtual tokens before the prompt; no weight changes."""

    name: ClassVar[str] = "prefix"
    folder: ClassVar[str] = "prefix-seed"
    distillation: ClassVar[float] = PREFIX_DISTILLATION

    def __init__(self, start: Sequence[int]) -> None:
        super().__init__(start)
        self.named: Named = ()

    def settings(self, chosen: TrainingSettings) -> TrainingSettings:
        return prefix_settings(chosen)

    @contextmanager
    def fresh(self, model: Trainable, settings: TrainingSettings, progress: Progress = silent) -> Iterator[Fresh]:
        """See `Kind`."""
        with super().fresh(model, settings, progress) as fresh:
            self.named = [(EACH_LAYER + name, p) for name, p in zip(("keys", "values"), fresh.parameters, strict=True)]
            yield fresh

    def on(self, model: Trainable, trained: Adapter) -> AbstractContextManager[None]:
        return cartridge.switched_on(model, trained)

    def last(self, model: Trainable, trained: Adapter) -> list[torch.Tensor]:
        kept = cartridge.read_prefix(trained, model)
        return [torch.stack(list(pairs))[..., cartridge.FROZEN :, :].float() for pairs in (kept.keys, kept.values)]

    @torch.no_grad()
    def moved(self, model: Trainable, trained: Adapter) -> list[dict[str, Any]]:
        last = self.last(model, trained)
        with model.adapted(""), super().fresh(model, TrainingSettings()) as fresh:
            first = [p.detach().clone() for p in fresh.parameters]
        return [
            {
                "layer": layer,
                "added": sum(
                    float((b[layer] - a[layer]).double().pow(2).sum()) for a, b in zip(first, last, strict=True)
                )
                ** 0.5,
                "base": sum(float(a[layer].double().pow(2).sum()) for a in first) ** 0.5,
            }
            for layer in range(len(first[0]))
        ]
