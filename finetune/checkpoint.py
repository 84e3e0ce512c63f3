"""What a training needs to go on after it was stopped: weights, optimizer moments, and how far it was."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from data.files import replacing

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # of AdamW, for each parameter
EVERY_S = 20.0  # seconds between two savings


class Checkpoint:
    """One file beside the adapter's later place, replaced whole every few seconds.

    Args:
        folder: where the file lies; removed by `drop`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "training.safetensors"
        self.saved = time.monotonic()

    def load(self, parameters: Sequence[torch.nn.Parameter], optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        """Put weights and moments back; returns the state that was saved with them, nothing where none was."""
        if not self.path.exists():
            return {}
        with safe_open(self.path, "pt", device="cpu") as file, torch.no_grad():
            for place, parameter in enumerate(parameters):
                parameter.copy_(file.get_tensor(f"{place}.weight"))
                moments = {name: file.get_tensor(f"{place}.{name}") for name in _MOMENTS}
                on = parameter.device
                optimizer.state[parameter] = {k: v if k == "step" else v.to(on) for k, v in moments.items()}
            state: dict[str, Any] = json.loads(file.metadata()["state"])
        return state

    def keep(
        self, parameters: Sequence[torch.nn.Parameter], optimizer: torch.optim.Optimizer, state: dict[str, Any]
    ) -> None:
        """Save, where the last saving was long enough ago."""
        if time.monotonic() - self.saved >= EVERY_S:
            self.save(parameters, optimizer, state)

    def save(
        self, parameters: Sequence[torch.nn.Parameter], optimizer: torch.optim.Optimizer, state: dict[str, Any]
    ) -> None:
        """Write the file so that it is whole or the one before, whatever happens."""
        tensors = {}
        for place, parameter in enumerate(parameters):
            tensors[f"{place}.weight"] = parameter.detach().cpu().contiguous()
            tensors |= {f"{place}.{name}": optimizer.state[parameter][name].cpu().contiguous() for name in _MOMENTS}
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as file:
            save_file(tensors, file.name, {"state": json.dumps(state)})
        self.saved = time.monotonic()

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
