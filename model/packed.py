"""Many rows behind one prefix as a single sequence, so that nothing is read twice.

Every matrix product of a training step takes prefix and rows in one piece; only the attention, a small part of the
work at these lengths, takes them apart. Plain differentiable arithmetic.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from model.attention import additive, attend_prefix, attended


class PackedRows:
    """`prefix`, then `rows` (rows, width), each read as if it stood behind the prefix alone."""

    def __init__(self, prefix: Sequence[int], rows: Tensor) -> None:
        self.shared, (count, width) = len(prefix), rows.shape
        self.token_ids = torch.cat([torch.tensor(prefix, device=rows.device), rows.flatten()]).unsqueeze(0)
        places = [*range(self.shared), *list(range(self.shared, self.shared + width)) * count]
        self.position_ids = torch.tensor([places], device=rows.device)
        self.rows = count, width

    @property
    def unused_mask(self) -> Tensor:
        """A mask of four dimensions, which transformers hands through: the layout itself says what is seen."""
        return torch.zeros(1, 1, 1, 1, dtype=torch.bool, device=self.token_ids.device)

    def attended(self) -> AbstractContextManager[None]:
        """While active, the tokens of one forward pass see each other as this layout says."""
        return attended(self)

    def _rows(self, packed: Tensor) -> Tensor:
        """(1, heads, tokens, size) to (rows, heads, width, size)."""
        return packed[0, :, self.shared :].view(len(packed[0]), *self.rows, -1).transpose(0, 1)

    def attend(
        self, layer: int, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, scale: float
    ) -> Tensor:
        """The prefix sees itself; each row sees the prefix and itself; both causally."""
        before = slice(0, self.shared)
        prefix = keys[:, :, before], values[:, :, before]
        of_prefix = scaled_dot_product_attention(
            query[:, :, before], *prefix, is_causal=True, scale=scale, enable_gqa=query.shape[1] != keys.shape[1]
        )
        own_query, own_keys, own_values = map(self._rows, (query, keys, values))
        causal = additive(None, own_query, own_keys.shape[2])
        of_rows = attend_prefix(own_query, own_keys, own_values, prefix, causal, scale)
        return torch.cat([of_prefix, of_rows.transpose(0, 1).flatten(1, 2).unsqueeze(0)], dim=2)
