"""Gradient checkpointing: what a layer computes is computed again on the way back, and not kept (Chen et al. 2016)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from data.errors import TriviumError
from model.decoding.attention import active_layout, attending_to

_OWN = ("gradient_checkpointing", "_gradient_checkpointing_func", "training")


def _as_before() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """Computing again, which comes later and on a GPU in another thread, sees its tokens as computing did."""
    return nullcontext(), attending_to(active_layout())


@contextmanager
def recomputing(network: Any, wanted: bool = True) -> Iterator[None]:
    """While active, a training keeps what enters each layer, and nothing of what is inside.

    Raises:
        TriviumError: the layers of this architecture cannot do that.
    """
    layers = (
        [module for module in network.modules() if isinstance(module, GradientCheckpointingLayer)] if wanted else []
    )
    if wanted and not layers:
        raise TriviumError(
            f"the layers of {type(network).__name__} cannot compute activations again; train with "
            "--no-gradient-checkpointing."
        )
    before = [{name: layer.__dict__[name] for name in _OWN if name in layer.__dict__} for layer in layers]
    try:
        for layer in layers:
            layer.gradient_checkpointing = True
            layer._gradient_checkpointing_func = partial(checkpoint, use_reentrant=False, context_fn=_as_before)
            layer.training = True  # the layer alone, as transformers asks for; its dropout stays off
        yield
    finally:
        for layer, known in zip(layers, before, strict=True):
            for name in _OWN:
                layer.__dict__.pop(name, None)
            layer.__dict__.update(known)
