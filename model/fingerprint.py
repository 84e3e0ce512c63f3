"""Digest of a network's base weights, also when LoRA layers are wrapped around them."""

import hashlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def base_tensors(network: Any) -> Iterator[tuple[str, Tensor]]:
    """The base weights under their own names."""
    for name, tensor in network.named_parameters():
        if "lora_" not in name:
            yield name.replace("base_model.model.", "").replace(".base_layer", ""), tensor


def fingerprint(network: Any) -> str:
    """SHA-256 over all base weights, bit by bit; LoRA weights are not part of it."""
    digest = hashlib.sha256()
    for name, tensor in sorted(base_tensors(network), key=lambda pair: pair[0]):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return digest.hexdigest()
