"""A trained reader: a LoRA adapter that belongs to the base weights and is added to them when they are loaded.

What a domain trains later lies on top of it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from data.errors import TriviumError

ADAPTER, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_PREFIX = "base_model.model."


class Reader:
    """An adapter in peft's format, read from its folder.

    Raises:
        TriviumError: it is another kind of adapter than plain LoRA on linear layers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        unusual = [name for name in ("use_dora", "use_rslora", "modules_to_save", "rank_pattern", "alpha_pattern",
                                     "fan_in_fan_out") if config.get(name)]  # fmt: skip
        if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none" or unusual:
            raise TriviumError(f"{folder}: only a plain LoRA adapter can be added to the weights.")
        self.scale: float = config["lora_alpha"] / config["r"]

    def changes(self) -> Iterator[tuple[str, Tensor]]:
        """Name of a weight, and what is added to it, in float32."""
        with safe_open(self.folder / ADAPTER, framework="pt") as file:
            for name in sorted(file.keys()):
                if name.endswith(".lora_A.weight"):
                    stem = name.removesuffix(".lora_A.weight")
                    down, up = file.get_tensor(name).float(), file.get_tensor(f"{stem}.lora_B.weight").float()
                    yield f"{stem.removeprefix(_PREFIX)}.weight", self.scale * (up @ down)

    @torch.no_grad()
    def add_to(self, network: Any) -> None:
        """Add the adapter to the float32 weights of a network.

        Raises:
            TriviumError: it belongs to another network.
        """
        for name, change in self.changes():
            try:
                network.get_parameter(name).add_(change)
            except (AttributeError, RuntimeError) as error:
                raise TriviumError(f"{self.folder}: the adapter does not fit this model ({name}).") from error
