"""One training step taken apart: loss, gradient of each layer, change of the weights, and the valley around them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from finetune.examples import Example
from finetune.train import mean_loss, step_gradients
from model.language_model import Trainable

Named = Sequence[tuple[str, torch.nn.Parameter]]
EACH_LAYER = ".layers.*."  # in the name of a tensor that has a row for each layer
_LAYER = re.compile(r"\.layers\.(\d+)\.")


@dataclass(frozen=True)
class StepApart:
    """Predict, error, gradient, adjust: the numbers of one real step on one batch."""

    loss_before: float
    loss_after: float
    gradient: list[float]  # norm by layer, the first layer first
    change: list[float]  # norm of the change of the weights by layer


@dataclass(frozen=True)
class Valley:
    """Loss along a line through weight space. Steps are in units of the update: 0 before it, 1 after."""

    steps: list[float]
    along: list[float]
    across: list[float]  # along a random direction of the same length, at a right angle to the update


def layer_of(name: str) -> int:
    """The number of the layer that a weight belongs to; -1 for one outside the layers."""
    found = _LAYER.search(name)
    return int(found[1]) if found else -1


def norms_by_layer(tensors: Sequence[tuple[str, torch.Tensor | None]]) -> list[float]:
    """Euclidean norm of all tensors of each layer, the first layer first; a missing gradient counts as nothing.

    Args:
        tensors: (name of the weight, tensor) pairs.
    """
    squares: dict[int, float] = {}
    for name, tensor in _each_layers(tensors):
        square = 0.0 if tensor is None else float(tensor.detach().double().pow(2).sum())
        squares[layer_of(name)] = squares.get(layer_of(name), 0.0) + square
    return [squares[layer] ** 0.5 for layer in sorted(squares) if layer >= 0]


def _each_layers(tensors: Sequence[tuple[str, torch.Tensor | None]]) -> Iterator[tuple[str, torch.Tensor | None]]:
    """With the rows of tensors that have one for each layer."""
    for name, tensor in tensors:
        if EACH_LAYER in name and tensor is not None:
            yield from ((name.replace("*", str(layer)), row) for layer, row in enumerate(tensor))
        else:
            yield name, tensor


def gradients(model: Trainable, parameters: Named, batch: Sequence[Example]) -> float:
    """Put the gradient of the batch's mean loss into the parameters; returns that loss."""
    for _, parameter in parameters:
        parameter.grad = None
    return step_gradients(model, [batch])


def step_apart(
    model: Trainable, parameters: Named, batch: Sequence[Example], optimizer: torch.optim.Optimizer
) -> StepApart:
    """Take one step of the optimizer and say what happened in it."""
    before = [(name, parameter.detach().clone()) for name, parameter in parameters]
    loss = gradients(model, parameters, batch)
    norms = norms_by_layer([(name, parameter.grad) for name, parameter in parameters])
    optimizer.step()
    moved = [(name, p.detach() - old) for (name, p), (_, old) in zip(parameters, before, strict=True)]
    return StepApart(loss, mean_loss(model, [batch]), norms, norms_by_layer(moved))


@torch.no_grad()
def loss_along(
    model: Trainable, parameters: Named, direction: Sequence[torch.Tensor], batch: Sequence[Example],
    steps: Sequence[float],
) -> list[float]:  # fmt: skip
    """The batch's mean loss at weights + step · direction for each step; the weights are put back bit by bit."""
    kept = [parameter.detach().clone() for _, parameter in parameters]
    losses = []
    try:
        for step in steps:
            for (_, parameter), start, towards in zip(parameters, kept, direction, strict=True):
                parameter.copy_(start + step * towards)
            losses.append(mean_loss(model, [batch]))
    finally:
        for (_, parameter), start in zip(parameters, kept, strict=True):
            parameter.copy_(start)
    return losses


def valley(
    model: Trainable, parameters: Named, update: Sequence[torch.Tensor], batch: Sequence[Example],
    steps: Sequence[float], seed: int = 0,
) -> Valley:  # fmt: skip
    """The measured loss in the direction of an update and across it."""
    draw = torch.Generator().manual_seed(seed)
    noise = [torch.randn(tensor.shape, generator=draw).to(tensor.device) for tensor in update]
    length = sum(float((tensor**2).sum()) for tensor in update)
    shared = sum(float((a * b).sum()) for a, b in zip(noise, update, strict=True)) / max(length, 1e-30)
    right = [a - shared * b for a, b in zip(noise, update, strict=True)]  # at a right angle
    scale = (length / max(sum(float((tensor**2).sum()) for tensor in right), 1e-30)) ** 0.5
    across = [scale * tensor for tensor in right]
    return Valley(
        list(steps),
        loss_along(model, parameters, update, batch, steps),
        loss_along(model, parameters, across, batch, steps),
    )
