"""What a training needs to go on after it was stopped: weights, optimizer moments, and how far it was."""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
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
        """Put weights and moments back.

        Returns:
            The state that was saved with them; nothing where none was, or the file is damaged: then training begins
            anew, which gives the same adapter, and the damaged file is kept under another name.
        """
        if not self.path.is_file():
            return {}
        try:
            tensors, state = self._read(parameters)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            self.path.replace(self.path.with_suffix(".damaged"))
            return {}
        with torch.no_grad():
            for place, parameter in enumerate(parameters):
                parameter.copy_(tensors[f"{place}.weight"])
                moments = {name: tensors[f"{place}.{name}"] for name in _MOMENTS}
                on = parameter.device
                optimizer.state[parameter] = {k: v if k == "step" else v.to(on) for k, v in moments.items()}
        return state

    def _read(self, parameters: Sequence[torch.nn.Parameter]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Tensors and state. Raises one of many errors where the file is not as it was written."""
        with safe_open(self.path, "pt", device="cpu") as file:
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
            metadata = file.metadata()
        if metadata["sha256"] != _digest(tensors, metadata["state"]):
            raise ValueError(f"{self.path}: damaged")
        for place, parameter in enumerate(parameters):
            if tensors[f"{place}.weight"].shape != parameter.shape:
                raise ValueError(f"{self.path}: of another adapter")
        state: dict[str, Any] = json.loads(metadata["state"])
        return tensors, state

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
        text = json.dumps(state)
        with replacing(self.path) as file:
            save_file(tensors, file.name, {"state": text, "sha256": _digest(tensors, text)})
        self.saved = time.monotonic()

    def drop(self) -> None:
        """Remove the folder: the training has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _digest(tensors: Mapping[str, torch.Tensor], state: str) -> str:
    """SHA-256 over names, values and state; safetensors keeps none."""
    total = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].flatten().view(torch.uint8).numpy().data)
    return total.hexdigest()
