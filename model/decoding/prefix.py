"""Read what many prompts share once, and let every row attend to that one copy."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from model.decoding.attention import additive, attend_prefix, attending_to
from model.decoding.pieces import pieces


class SharedPrefix:
    """Keys and values of the tokens that all prompts begin with; one (1, heads, tokens, size) pair a layer.

    Args:
        virtual: how many of them stand before the first token and belong to no text: they were trained.
    """

    def __init__(
        self, token_ids: Sequence[int], keys: Sequence[Tensor], values: Sequence[Tensor], virtual: int = 0
    ) -> None:
        self.token_ids, self.virtual = tuple(token_ids), virtual
        self.keys, self.values = keys, values

    @property
    def length(self) -> int:
        """Places that it takes."""
        return self.virtual + len(self.token_ids)

    @classmethod
    def read(cls, model: Any, token_ids: Sequence[int], behind: "SharedPrefix | None" = None) -> "SharedPrefix":
        """One forward pass over the prefix; a long one is read in pieces.

        Args:
            behind: what stands before its first token.
        """
        cache = behind.as_cache(model) if behind else DynamicCache(config=model.config)
        for begin, end in pieces(len(token_ids)):
            tokens = torch.tensor([list(token_ids[begin:end])], device=model.device)
            backbone(model)(input_ids=tokens, past_key_values=cache, use_cache=True)
        keys, values = [layer.keys for layer in cache.layers], [layer.values for layer in cache.layers]
        return cls(token_ids, keys, values, behind.length if behind else 0)

    def as_cache(self, model: Any) -> DynamicCache:
        """A cache that begins with it, as transformers reads on from."""
        cache = DynamicCache(config=model.config)
        for layer, (keys, values) in enumerate(zip(self.keys, self.values, strict=True)):
            cache.update(keys, values, layer)
        return cache

    def first(self, tokens: int) -> "SharedPrefix":
        """Its first tokens; what a token's keys and values are does not depend on those after it."""
        if tokens == len(self.token_ids):
            return self
        kept = self.virtual + tokens
        keys, values = ([pair[:, :, :kept] for pair in pairs] for pairs in (self.keys, self.values))
        return SharedPrefix(self.token_ids[:tokens], keys, values, self.virtual)

    def attending(self) -> AbstractContextManager[None]:
        """While active, every row sees the prefix before its own tokens."""
        return attending_to(self)

    def attend(
        self, layer: int, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, scale: float
    ) -> Tensor:
        """Attention over the prefix and each row's own keys."""
        prefix = self.keys[layer], self.values[layer]
        return attend_prefix(query, keys, values, prefix, additive(mask, query, keys.shape[2]), scale)


def can_share(config: Any) -> bool:
    """Whether every layer keeps all keys and values (no sliding window, no linear attention)."""
    layers = DynamicCache(config=config).layers
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def inner(model: Any) -> Any:
    """The model below a peft wrapper, if there is one."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def backbone(model: Any) -> Any:
    """The model without its vocabulary product, also below a peft wrapper."""
    network = inner(model)
    return network.model if hasattr(network, "model") else network.base_model


def common_prefix(sequences: Sequence[Sequence[int]]) -> int:
    """Number of tokens that all sequences begin with, leaving each at least one of its own."""
    first, last = min(map(list, sequences)), max(map(list, sequences))  # what these share, all between them share
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return min(shared, min(map(len, sequences)) - 1)
