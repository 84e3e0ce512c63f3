"""A trained reader: a LoRA adapter that belongs to the base weights and is added to them when they are loaded.

What a domain trains later lies on top of it. Whatever its file holds is added, or named in an error: with a part left
out, or spread over other rows than it was meant for, it would be another model under the same name.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open
from torch import Tensor

from data.errors import TriviumError
from data.files import only_regular, read_bytes
from data.jsonl import field

ADAPTER, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_PREFIX, _DOWN, _UP = "base_model.model.", ".lora_A.weight", ".lora_B.weight"
_OTHER_SUMS = (  # options of peft with which the weights are changed in another way than by B A · alpha / r
    "use_dora", "use_rslora", "use_qalora", "lora_bias", "modules_to_save", "rank_pattern", "alpha_pattern",
    "fan_in_fan_out", "layer_replication", "trainable_token_indices", "target_parameters", "alora_invocation_tokens",
)  # fmt: skip


class _Config(BaseModel):
    """What is read of adapter_config.json."""

    model_config = ConfigDict(extra="allow")

    peft_type: str
    r: int = Field(ge=1)
    lora_alpha: float = Field(gt=0, allow_inf_nan=False)
    bias: str = "none"
    target_modules: list[str] | str | None = None
    layers_to_transform: Any = None
    exclude_modules: Any = None

    def plain(self) -> bool:
        extra = self.model_extra or {}
        return self.peft_type == "LORA" and self.bias == "none" and not any(extra.get(name) for name in _OTHER_SUMS)

    def wanted(self, network: torch.nn.Module) -> set[str]:
        """Modules that the adapter must hold a part for, as far as they are listed by name."""
        if not isinstance(self.target_modules, list) or self.layers_to_transform or self.exclude_modules:
            return set()
        ends = tuple(f".{name}" for name in self.target_modules)
        return {name for name, _ in network.named_modules() if f".{name}".endswith(ends)}


class Reader:
    """An adapter in peft's format, read from its folder.

    Raises:
        TriviumError: it is damaged, or another kind of adapter than plain LoRA on linear layers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        only_regular(folder)
        try:
            self.config = _Config.model_validate_json(read_bytes(folder / CONFIG, 2**20))
        except ValidationError as error:
            first = error.errors()[0]
            place = field(error) or "the file"
            raise TriviumError(f"{folder / CONFIG}: no settings of an adapter ({place}: {first['msg']}).") from error
        if not self.config.plain():
            raise TriviumError(f"{folder}: only a plain LoRA adapter can be added to the weights.")
        self.scale = self.config.lora_alpha / self.config.r

    def _error(self, reason: str) -> TriviumError:
        return TriviumError(f"{self.folder / ADAPTER}: {reason}. Nothing of it is used.")

    def changes(self) -> Iterator[tuple[str, Tensor]]:
        """Name of a linear layer, and what is added to its weight, float32 (out, in).

        Raises:
            TriviumError: a tensor is not half of such a product, has another shape, or is not finite.
        """
        try:
            with safe_open(self.folder / ADAPTER, framework="pt") as file:
                names = set(file.keys())
                stems = {name.removesuffix(_DOWN).removesuffix(_UP) for name in names}
                if unread := sorted(names - {stem + end for stem in stems for end in (_DOWN, _UP)}):
                    raise self._error(f"it holds '{unread[0]}', which is not a part of plain LoRA on linear layers")
                if not stems:
                    raise self._error("it holds no weights")
                for stem in sorted(stems):
                    if alone := {stem + _DOWN, stem + _UP} - names:
                        raise self._error(f"'{alone.pop()}' is missing")
                    yield (
                        stem.removeprefix(_PREFIX),
                        self._product(stem, *(file.get_tensor(stem + end) for end in (_DOWN, _UP))),
                    )
        except (OSError, SafetensorError) as error:
            raise self._error(f"it cannot be read ({error})") from error

    def _product(self, stem: str, down: Tensor, up: Tensor) -> Tensor:
        rank = self.config.r
        if down.ndim != 2 or up.ndim != 2 or down.shape[0] != rank or up.shape[1] != rank:
            shapes = f"{list(down.shape)} and {list(up.shape)}"
            raise self._error(f"the matrices of '{stem}' have the shapes {shapes}, but {CONFIG} says rank {rank}")
        if not (down.is_floating_point() and up.is_floating_point()):
            raise self._error(f"the matrices of '{stem}' are not numbers with a point, but {down.dtype}")
        product = self.scale * (up.float() @ down.float())
        if not product.isfinite().all():
            raise self._error(f"the matrices of '{stem}' hold values that are not finite")
        return product

    @torch.no_grad()
    def add_to(self, network: Any) -> None:
        """Add the adapter to the float32 weights of a network.

        Raises:
            TriviumError: it belongs to another network, or does not fit this one to the last tensor.
        """
        missing = self.config.wanted(network)
        for name, change in self.changes():
            self._weight(network, name, change).add_(change)
            missing.discard(name)
        if missing:
            raise self._error(f"{CONFIG} says that '{sorted(missing)[0]}' is adapted, but no weights for it are there")

    def _weight(self, network: Any, name: str, change: Tensor) -> Tensor:
        """The weight that a change belongs to."""
        try:
            layer = network.get_submodule(name)
        except AttributeError as error:
            raise TriviumError(f"{self.folder}: the adapter does not fit this model ({name}).") from error
        if not isinstance(layer, torch.nn.Linear) or layer.weight.shape != change.shape:
            raise TriviumError(f"{self.folder}: the adapter does not fit this model ({name}).")
        if layer.weight is network.get_input_embeddings().weight:
            raise self._error(f"'{name}' shares its weight with the embeddings, which would change with it")
        return layer.weight
