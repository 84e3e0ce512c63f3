"""The attention function that Trivium registers with transformers, and the arithmetic of a shared prefix.

The keys and values of a shared prefix (system prompt, injected corpus) are the same for all rows of a batch. The
library would copy them for every row, and again for every new token. Here they stay unexpanded: each row's queries meet
the prefix in one large matrix product and their own keys in another, under one softmax (the idea of Hydragen, Juravsky
et al. 2024, arXiv 2402.05099).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

ATTENTION = "shared_prefix"
SCORE_BYTES = 256 * 2**20  # rows are taken in groups so that their attention scores fit into this


class Layout(Protocol):
    """Which tokens see which, where that is more than one row after the other."""

    def attend(
        self, layer: int, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, scale: float
    ) -> Tensor:
        """Attention output, shaped like `query` (rows, heads, length, size)."""
        ...


_active: ContextVar[Layout | None] = ContextVar("layout", default=None)  # of this thread
# Private to torch; where a version has it no more, or for other shapes, the scores are written out.
_FLASH: Any = getattr(torch.ops.aten, "_scaled_dot_product_flash_attention_for_cpu", None)


def active_layout() -> Layout | None:
    """The layout that is attended now."""
    return _active.get()


@contextmanager
def attending_to(layout: Layout | None) -> Iterator[None]:
    """While active, models with this attention see their tokens as `layout` says."""
    token = _active.set(layout)
    try:
        yield
    finally:
        _active.reset(token)


def shared_prefix_attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **kwargs: Any
) -> tuple[Tensor, None]:
    """Attention function for transformers: plain SDPA unless a `Layout` is attended."""
    layout = _active.get()
    if layout is None:
        plain: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
        return plain
    scale = kwargs.get("scaling") or query.shape[-1] ** -0.5
    output = layout.attend(module.layer_idx, query, key, value, attention_mask, scale)
    return output.transpose(1, 2).contiguous(), None


def attend_prefix(
    query: Tensor, keys: Tensor, values: Tensor, prefix: tuple[Tensor, Tensor], mask: Tensor | None, scale: float
) -> Tensor:
    """Attention of `query` (rows, heads, length, size) over one prefix (1, groups, tokens, size) and each row's own.

    Args:
        mask: over each row's own keys, to be added to the scores: (rows, 1, length, own).
    """
    same_size = query.shape[-1] == values.shape[-1]
    if query.device.type == "cpu" and not torch.is_grad_enabled() and _FLASH is not None and same_size:
        return _attend_fused(query, keys, values, prefix, mask, scale)
    per_row = query.shape[1] * query.shape[2] * (prefix[0].shape[2] + keys.shape[2]) * 4
    step = max(1, SCORE_BYTES // per_row)
    parts = [
        _attend(query[at : at + step], keys[at : at + step], values[at : at + step], prefix,
                None if mask is None else mask[at : at + step], scale)
        for at in range(0, query.shape[0], step)
    ]  # fmt: skip
    return torch.cat(parts)


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
    output: Tensor = packed.view(groups, rows, -1, values.shape[-1]).transpose(0, 1) + of_own @ values
    return output.reshape(rows, heads, length, values.shape[-1])


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
    of_prefix, prefix_sum = _FLASH(packed, *prefix, scale=scale)
    of_prefix = of_prefix.view(groups, rows, -1, size).transpose(0, 1)
    prefix_sum = prefix_sum.view(groups, rows, -1).transpose(0, 1)
    if mask is not None:
        mask = mask.repeat(1, 1, heads // groups, 1).expand(-1, groups, -1, -1)
    of_own, own_sum = _FLASH(grouped, keys, values, attn_mask=mask, scale=scale)
    share = torch.sigmoid(prefix_sum - own_sum).to(query.dtype).unsqueeze(-1)
    output: Tensor = of_own + (of_prefix - of_own) * share
    return output.reshape(rows, heads, length, size)


def additive(mask: Tensor | None, query: Tensor, own: int) -> Tensor | None:
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
