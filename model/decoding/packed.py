"""Many rows behind one prefix as a single sequence, so that nothing is read twice and nothing is padded.

Every matrix product of a training step takes prefix and rows in one piece; only the attention, a small part of the
work at these lengths, takes them apart. Plain differentiable arithmetic.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from model.decoding.attention import additive, attend_prefix, attending_to
from model.decoding.prefix import SharedPrefix


class PackedRows:
    """`prefix`, then `rows` of any lengths, each read as if it stood behind the prefix alone.

    Args:
        behind: trained keys and values that stand before the prefix.
    """

    def __init__(
        self, prefix: Sequence[int], rows: Sequence[Sequence[int]], device: torch.device | str,
        behind: SharedPrefix | None = None,
    ) -> None:  # fmt: skip
        self.shared, self.behind, lengths = len(prefix), behind, list(map(len, rows))
        before = behind.length if behind else 0
        ids = [*prefix, *(token for row in rows for token in row)]
        self.token_ids = torch.tensor([ids], device=device)
        places = [*range(self.shared), *(self.shared + at for length in lengths for at in range(length))]
        self.position_ids = torch.tensor([places], device=device) + before
        self.rows = len(rows), max(lengths)
        count, width = self.rows
        inside = torch.arange(width).expand(count, -1) < torch.tensor(lengths).unsqueeze(1)
        padded = torch.zeros(count, width, dtype=torch.long)  # what pads a row stands behind it: no token sees it
        padded[inside] = torch.arange(sum(lengths))
        # Where in the sequence, from the prefix on, each place of a row lies; and which of these places are tokens.
        self._padded = padded.flatten().to(device)
        self._inside = inside.flatten().nonzero().squeeze(1).to(device)

    @property
    def unused_mask(self) -> Tensor:
        """A mask of four dimensions, which transformers hands through: the layout itself says what is seen."""
        return torch.zeros(1, 1, 1, 1, dtype=torch.bool, device=self.token_ids.device)

    def attending(self) -> AbstractContextManager[None]:
        """While active, the tokens of one forward pass see each other as this layout says."""
        return attending_to(self)

    def _rows(self, packed: Tensor) -> Tensor:
        """(1, heads, tokens, size) to (rows, heads, width, size)."""
        own = packed[0, :, self.shared :].index_select(1, self._padded)
        return own.view(len(own), *self.rows, -1).transpose(0, 1)

    def attend(
        self, layer: int, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, scale: float
    ) -> Tensor:
        """The prefix sees itself; each row sees the prefix and itself; both causally, behind what stands before."""
        seen = slice(0, self.shared)
        prefix = keys[:, :, seen], values[:, :, seen]
        before = (self.behind.keys[layer], self.behind.values[layer]) if self.behind else None
        of_prefix = self._of_prefix(query[:, :, seen], *prefix, before, scale)
        if before:
            prefix = torch.cat([before[0], prefix[0]], dim=2), torch.cat([before[1], prefix[1]], dim=2)
        own_query, own_keys, own_values = map(self._rows, (query, keys, values))
        causal = additive(None, own_query, own_keys.shape[2])
        of_rows = attend_prefix(own_query, own_keys, own_values, prefix, causal, scale)
        of_rows = of_rows.transpose(0, 1).flatten(1, 2).index_select(1, self._inside)
        return torch.cat([of_prefix, of_rows.unsqueeze(0)], dim=2)

    def _of_prefix(
        self, query: Tensor, keys: Tensor, values: Tensor, before: tuple[Tensor, Tensor] | None, scale: float
    ) -> Tensor:
        if before and self.shared:
            return attend_prefix(query, keys, values, before, additive(None, query, self.shared), scale)
        return scaled_dot_product_attention(
            query, keys, values, is_causal=True, scale=scale, enable_gqa=query.shape[1] != keys.shape[1]
        )
