"""LoRA layers that take one product with the merged weight, in training too.

A layer of peft computes W x and, beside it, s B (A x). Here W + s B A is put together once a step and each layer takes
a single product with it, forward and backward; A and B get the same gradients, by the chain rule. W itself stays.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft.tuners.lora import Linear as LoraLinear
from peft.tuners.lora import LoraLayer
from torch import Tensor
from torch.nn.functional import linear

from model.memory import free_bytes

_CLOSE = 1e-4  # of the length of a product, by which two ways to compute it may differ
SPARE = 2  # times the memory of the merged weights that has to be free


class _MergedProduct(torch.autograd.Function):
    """x (…, in) times the merged weight (out, in), with gradients for x, A (rank, in) and B (out, rank)."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cpu")  # type: ignore[untyped-decorator]
    def forward(ctx: Any, x: Tensor, down: Tensor, up: Tensor, merged: Tensor, scale: float) -> Tensor:
        ctx.save_for_backward(x, down, up, merged)
        ctx.scale = scale
        return linear(x, merged)

    @staticmethod
    @torch.amp.custom_bwd(device_type="cpu")  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, down, up, merged = ctx.saved_tensors
        rows, wanted = x.flatten(0, -2), gradient.flatten(0, -2)
        of_x = (wanted @ merged).view(x.shape) if ctx.needs_input_grad[0] else None
        of_down = ctx.scale * (wanted @ up).T @ rows
        of_up = ctx.scale * wanted.T @ (rows @ down.T)
        return of_x, of_down, of_up, None, None


class _Layer:
    """The forward pass of one LoRA layer, with its merged weight."""

    def __init__(self, layer: Any) -> None:
        (name,) = layer.active_adapters
        self.weight, self.scale = layer.get_base_layer().weight, layer.scaling[name]
        self.down, self.up = layer.lora_A[name].weight, layer.lora_B[name].weight
        self.merged = torch.empty_like(self.weight)

    def merge(self) -> None:
        torch.addmm(self.weight, self.up, self.down, alpha=self.scale, out=self.merged)

    def __call__(self, x: Tensor) -> Tensor:
        product: Tensor = _MergedProduct.apply(  # type: ignore[no-untyped-call]
            x, self.down, self.up, self.merged, self.scale
        )
        return product


def _can_merge(layers: list[Any]) -> bool:
    """In float32 (bfloat16 would lose a part of the sum), without a bias, and where memory allows."""
    if any(type(layer) is not LoraLinear for layer in layers):  # of weights in fewer bits
        return False
    weights = [layer.get_base_layer().weight for layer in layers]
    plain = all(layer.get_base_layer().bias is None and len(layer.active_adapters) == 1 for layer in layers)
    exact = all(weight.dtype == torch.float32 for weight in weights)
    needed = sum(weight.nbytes for weight in weights)
    return bool(weights) and plain and exact and free_bytes(weights[0].device.type) > SPARE * needed


@torch.no_grad()
def _gives_what_peft_gives(module: Any, layer: _Layer) -> bool:
    """Whether the layer, put in the module's place, gives the module's product.

    It leans on peft's attributes, which another version may use otherwise. A new adapter's B is zero and would hide
    that, so it gets other values for as long as this takes.
    """
    kept = layer.up.detach().clone()
    x = torch.linspace(-1, 1, layer.weight.shape[1], device=layer.weight.device).view(1, 1, -1)
    try:
        layer.up.copy_(torch.linspace(-1, 1, layer.up.numel(), device=layer.up.device).view_as(layer.up))
        expected = module(x)
        layer.merge()
        module.forward = layer
        found = module(x)
        return torch.equal(found, layer(x)) and bool((found - expected).norm() <= _CLOSE * expected.norm())
    finally:
        module.__dict__.pop("forward", None)
        layer.up.copy_(kept)


def _merged_layers(wrapped: list[Any]) -> list[_Layer]:
    """A layer for each of peft's; none where merging cannot be done, or does not give the same."""
    try:
        if _can_merge(wrapped):
            layers = [_Layer(module) for module in wrapped]
            if _gives_what_peft_gives(wrapped[0], layers[0]):
                return layers
    except (AttributeError, KeyError, TypeError, ValueError):  # another peft
        pass
    return []


@contextmanager
def merged_products(network: Any) -> Iterator[Callable[[], None]]:
    """While active, the adapter that is switched on is part of one product a layer; where that cannot be, peft's three.

    Yields:
        what has to be called after each change of the adapter.
    """
    wrapped = [module for module in network.modules() if isinstance(module, LoraLayer)]
    layers = _merged_layers(wrapped)
    if not layers:
        yield lambda: None
        return

    @torch.no_grad()
    def merge() -> None:
        for layer in layers:
            layer.merge()

    merge()
    try:
        for module, layer in zip(wrapped, layers, strict=True):
            module.forward = layer
        yield merge
    finally:
        for module in wrapped:
            module.__dict__.pop("forward", None)
