"""Questions kept out of training decide when it ends and which of its adapters is taken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from data.cache_entry import sha256_of
from data.errors import TriviumError
from data.files import write_bytes
from data.sealed import read_sealed, write_sealed

EVERY, PATIENCE = 60, 3  # steps between two looks; looks without gain before it stops
_LOOKS = "looks.json"


class EarlyStop:
    """Looks at the loss on what is kept out, and keeps the best adapter so far.

    Args:
        measure: the loss, with the weights as they are.
        weights: these weights.
        folder: where looks and best weights are kept, so that a stopped training still has them.
    """

    def __init__(
        self, measure: Callable[[], float], weights: Callable[[], dict[str, torch.Tensor]], folder: Path
    ) -> None:
        self.measure, self.weights, self.folder = measure, weights, folder

    def _kept(self) -> dict[str, Any]:
        """Looks so far, and the file of the best weights with its digest."""
        path = self.folder / _LOOKS
        return read_sealed(path) if path.exists() else {"looks": [], "best": None, "sha256": None}

    def is_whole(self) -> bool:
        """Whether what an earlier start of this training kept, if anything, is as it was written."""
        try:
            kept = self._kept()
            return kept["best"] is None or sha256_of(self.folder / kept["best"]) == kept["sha256"]
        except (TriviumError, ValueError):
            return False

    def curve(self) -> list[dict[str, Any]]:
        """[{step, loss}] of all looks."""
        looks: list[dict[str, Any]] = self._kept()["looks"]
        return looks

    def look(self, step: int) -> bool:
        """Whether training should end."""
        kept = self._kept()
        # A training that goes on from its checkpoint comes by a look again that was later than that.
        before = [point for point in kept["looks"] if point["step"] < step]
        kept["looks"] = [*before, {"step": step, "loss": round(self.measure(), 5)}]
        losses = [point["loss"] for point in kept["looks"]]
        self.folder.mkdir(parents=True, exist_ok=True)
        if losses[-1] == min(losses):
            path = self.folder / f"best-{step}.safetensors"
            write_bytes(path, save({name: tensor.contiguous() for name, tensor in self.weights().items()}))
            kept |= {"best": path.name, "sha256": sha256_of(path)}
        write_sealed(self.folder / _LOOKS, kept)
        for path in self.folder.glob("best-*.safetensors"):
            if path.name != kept["best"]:
                path.unlink()
        return losses.index(min(losses)) < len(losses) - PATIENCE

    def after_step(self, step: int, line: dict[str, Any]) -> bool:
        """For `train`: looks after every so many steps."""
        return step % EVERY == 0 and self.look(step)

    def at_end(self, step: int) -> dict[str, torch.Tensor]:
        """A last look, where the last step had none; the best weights of all."""
        if step % EVERY:
            self.look(step)
        return load_file(self.folder / self._kept()["best"])
