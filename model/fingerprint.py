"""Digest of a network's base weights, also when LoRA layers are wrapped around them."""

import hashlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from model.quantised import scales


def base_tensors(network: Any) -> Iterator[tuple[str, Tensor]]:
    """The base weights under their own names."""
    for name, tensor in network.named_parameters():
        if "lora_" not in name:
            yield name.replace("base_model.model.", "").replace(".base_layer", ""), tensor


def base_scales(network: Any) -> Iterator[tuple[str, Tensor]]:
    """What gives base weights in fewer bits their values; nothing where they are numbers themselves."""
    for name, tensor in scales(network):
        yield name.replace("base_model.model.", "").replace(".base_layer", ""), tensor


def fingerprint(network: Any) -> str:
    """SHA-256 over all base weights with their scales, bit by bit; LoRA weights are not part of it."""
    digest = hashlib.sha256()
    for name, tensor in sorted([*base_tensors(network), *base_scales(network)], key=lambda pair: pair[0]):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
