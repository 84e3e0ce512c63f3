"""Read what many prompts share once, and let every row attend to that one copy.

The keys and values of a shared prefix (system prompt, injected corpus) are the same for all rows of a batch. The
library would copy them for every row, and again for every new token. Here they stay unexpanded: each row's queries meet
the prefix in one large matrix product and their own keys in another, under one softmax (the idea of Hydragen, Juravsky
et al. 2024, arXiv 2402.05099). It is plain differentiable arithmetic, so training shares its prefix the same way.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, DynamicCache
from transformers.cache_utils import DynamicLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

ATTENTION = "shared_prefix"
_SCORE_BYTES = 256 * 2**20  # rows are taken in groups so that their attention scores fit into this


class SharedPrefix:
    """Keys and values of the tokens that all prompts begin with; one (1, heads, tokens, size) pair a layer."""

    def __init__(self, token_ids: Sequence[int], keys: list[Tensor], values: list[Tensor]) -> None:
        self.token_ids = tuple(token_ids)
        self.keys, self.values = keys, values

    @classmethod
    def read(cls, model: Any, token_ids: Sequence[int]) -> "SharedPrefix":
        """One forward pass over the prefix, with gradients where they are enabled."""
        cache = DynamicCache(config=model.config)
        tokens = torch.tensor([list(token_ids)], device=model.device)
        backbone(model)(input_ids=tokens, past_key_values=cache, use_cache=True)
        return cls(token_ids, [layer.keys for layer in cache.layers], [layer.values for layer in cache.layers])

    def first(self, tokens: int) -> "SharedPrefix":
        """Its first tokens; what a token's keys and values are does not depend on those after it."""
        if tokens == len(self.token_ids):
            return self
        shorter = [[pair[:, :, :tokens] for pair in pairs] for pairs in (self.keys, self.values)]
        return SharedPrefix(self.token_ids[:tokens], *shorter)

    def cache(self) -> DynamicCache:
        """A fresh cache for one batch: it counts the prefix as read and holds each row's own tokens."""
        cache = DynamicCache()
        cache.layers = [_LayerAfterPrefix(len(self.token_ids)) for _ in self.keys]
        return cache

    @contextmanager
    def attended(self) -> Iterator[None]:
        """While active, models with the attention `shared_prefix` see the prefix before each row's own tokens."""
        global _active
        previous, _active = _active, self
        try:
            yield
        finally:
            _active = previous


_active: SharedPrefix | None = None


class _LayerAfterPrefix(DynamicLayer):  # type: ignore[misc] # transformers is untyped here
    def __init__(self, prefix_length: int) -> None:
        super().__init__()
        self.prefix_length = prefix_length

    def get_seq_length(self) -> int:
        return self.prefix_length + int(super().get_seq_length())


def can_share(config: Any) -> bool:
    """Whether every layer keeps all keys and values (no sliding window, no linear attention)."""
    return all(type(layer) is DynamicLayer for layer in DynamicCache(config=config).layers)


def backbone(model: Any) -> Any:
    """The model without its vocabulary product, also below a peft wrapper."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner.model if hasattr(inner, "model") else inner.base_model


def common_prefix(sequences: Sequence[Sequence[int]]) -> int:
    """Number of tokens that all sequences begin with, leaving each at least one of its own."""
    first, last = min(map(list, sequences)), max(map(list, sequences))  # what these share, all between them share
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return min(shared, min(map(len, sequences)) - 1)


def _attend(
    query: Tensor, keys: Tensor, values: Tensor, prefix: tuple[Tensor, Tensor], mask: Tensor | None, scale: float
) -> Tensor:
    """Attention of `query` (rows, heads, length, size) over one prefix and each row's own keys, one softmax."""
    rows, heads, length, size = query.shape
    groups, (prefix_keys, prefix_values) = keys.shape[1], prefix
    grouped = query.reshape(rows, groups, heads // groups * length, size)
    packed = grouped.transpose(0, 1).reshape(groups, -1, size) * scale
    shared = (packed @ prefix_keys[0].transpose(1, 2)).view(groups, rows, -1, prefix_keys.shape[2]).transpose(0, 1)
    own = (grouped * scale) @ keys.transpose(2, 3)
    if mask is not None:
        own = (own.view(rows, groups, heads // groups, length, -1) + mask.unsqueeze(1)).view(own.shape)
    weights = torch.cat([shared, own], dim=-1).softmax(dim=-1, dtype=torch.float32).to(query.dtype)
    of_prefix, of_own = torch.split(weights, [prefix_keys.shape[2], keys.shape[2]], dim=-1)
    packed = of_prefix.transpose(0, 1).reshape(groups, -1, prefix_keys.shape[2]) @ prefix_values[0]
    output: Tensor = packed.view(groups, rows, -1, size).transpose(0, 1) + of_own @ values
    return output.reshape(rows, heads, length, size)


def _attend_fused(
    query: Tensor, keys: Tensor, values: Tensor, prefix: tuple[Tensor, Tensor], mask: Tensor | None, scale: float
) -> Tensor:
    """The same on a CPU without gradients: the scores over the prefix are never written to memory.

    The prefix part and the own part have a softmax each; their log-sum-exps say how much each counts.
    """
    rows, heads, length, size = query.shape
    groups = keys.shape[1]
    grouped = query.reshape(rows, groups, heads // groups * length, size)
    packed = grouped.transpose(0, 1).reshape(1, groups, -1, size)
    flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    of_prefix, prefix_sum = flash(packed, *prefix, scale=scale)
    of_prefix = of_prefix.view(groups, rows, -1, size).transpose(0, 1)
    prefix_sum = prefix_sum.view(groups, rows, -1).transpose(0, 1)
    own = (grouped * scale) @ keys.transpose(2, 3)
    if mask is not None:
        own = (own.view(rows, groups, heads // groups, length, -1) + mask.unsqueeze(1)).view(own.shape)
    of_own = own.softmax(dim=-1) @ values
    share = torch.sigmoid(prefix_sum - own.logsumexp(dim=-1)).to(query.dtype).unsqueeze(-1)
    output: Tensor = of_own + (of_prefix - of_own) * share
    return output.reshape(rows, heads, length, size)


def shared_prefix_attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **kwargs: Any
) -> tuple[Tensor, None]:
    """Attention function for transformers: plain SDPA unless a `SharedPrefix` is attended."""
    if _active is None:
        output: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
        return output
    prefix = _active.keys[module.layer_idx], _active.values[module.layer_idx]
    mask = _additive(attention_mask, query, key.shape[2])
    scale = kwargs.get("scaling") or query.shape[-1] ** -0.5
    if query.device.type == "cpu" and not torch.is_grad_enabled():
        return _attend_fused(query, key, value, prefix, mask, scale).transpose(1, 2).contiguous(), None
    per_row = query.shape[1] * query.shape[2] * (prefix[0].shape[2] + key.shape[2]) * 4
    step = max(1, _SCORE_BYTES // per_row)
    parts = [
        _attend(query[at : at + step], key[at : at + step], value[at : at + step], prefix,
                None if mask is None else mask[at : at + step], scale)
        for at in range(0, query.shape[0], step)
    ]  # fmt: skip
    return torch.cat(parts).transpose(1, 2).contiguous(), None


def _additive(mask: Tensor | None, query: Tensor, own: int) -> Tensor | None:
    """The part of the mask over each row's own keys, as numbers to add to scores: (rows, 1, length, own)."""
    if mask is None:
        if query.shape[2] == 1:
            return None
        causal = torch.ones(query.shape[2], own, dtype=torch.bool, device=query.device).tril(own - query.shape[2])
        mask = causal.expand(query.shape[0], 1, -1, -1)
    mask = mask[..., -own:]
    if mask.dtype != torch.bool:
        return mask
    # Finite, so that a padding position whose keys are all masked still has a softmax.
    return torch.zeros(mask.shape, dtype=query.dtype, device=mask.device).masked_fill(
        ~mask, torch.finfo(query.dtype).min
    )


AttentionInterface.register(ATTENTION, shared_prefix_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
