"""Questions kept out of training decide when it ends and which of its adapters is taken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from data.files import replacing, write_json

EVERY, PATIENCE = 60, 3  # steps between two looks; looks without gain before it stops


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
        self.measure, self.weights = measure, weights
        self.looks, self.best = folder / "looks.json", folder / "best.safetensors"

    def curve(self) -> list[dict[str, Any]]:
        """[{step, loss}] of all looks."""
        found: list[dict[str, Any]] = json.loads(self.looks.read_text()) if self.looks.exists() else []
        return found

    def look(self, step: int) -> bool:
        """Whether training should end."""
        # A training that goes on from its checkpoint comes by a look again that was later than that.
        before = [point for point in self.curve() if point["step"] < step]
        curve = [*before, {"step": step, "loss": round(self.measure(), 5)}]
        losses = [point["loss"] for point in curve]
        self.looks.parent.mkdir(parents=True, exist_ok=True)
        if losses[-1] == min(losses):
            with replacing(self.best) as file:
                file.write(save({name: tensor.contiguous() for name, tensor in self.weights().items()}))
        write_json(self.looks, curve)
        return losses.index(min(losses)) < len(losses) - PATIENCE

    def after_step(self, step: int, line: dict[str, Any]) -> bool:
        """For `train`: looks after every so many steps."""
        return step % EVERY == 0 and self.look(step)

    def at_end(self, step: int) -> dict[str, torch.Tensor]:
        """A last look, where the last step had none; the best weights of all."""
        if step % EVERY:
            self.look(step)
        return load_file(self.best)
