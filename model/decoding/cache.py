"""Keys and values of each row's own tokens: room for the whole answer at once, rows that have finished leave.

transformers' `DynamicCache` copies everything for each new token; at 64 rows of 250 tokens that is 0.8 GB a token.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


class RowsCache(DynamicCache):  # type: ignore[misc] # transformers is untyped here
    """A cache for `rows` prompts of up to `width` own tokens behind a shared prefix, with room for `room` tokens more.

    Prompts are read in groups; all end in column `width`, so that every row's next token goes to the same place.
    """

    def __init__(self, layers: int, prefix_length: int, rows: int, width: int, room: int) -> None:
        super().__init__()
        self.width = width
        self.layers = [_Layer(prefix_length, rows, width + room) for _ in range(layers)]

    def read_group(self, start: int, stop: int, width: int) -> None:
        """The next forward pass reads the prompts of these rows, `width` columns each."""
        for layer in self.layers:
            layer.rows, layer.begin, layer.end = slice(start, stop), self.width - width, self.width - width

    def read_done(self) -> None:
        """From now on each forward pass adds one token to every row."""
        for layer in self.layers:
            layer.rows, layer.begin, layer.end = slice(None), 0, self.width

    def keep(self, rows: Tensor) -> None:
        """Only these rows stay."""
        for layer in self.layers:
            layer.keys, layer.values = layer.keys[rows], layer.values[rows]


class _Layer(DynamicLayer):  # type: ignore[misc] # transformers is untyped here
    def __init__(self, prefix_length: int, rows: int, columns: int) -> None:
        super().__init__()
        self.prefix_length, self.shape = prefix_length, (rows, columns)
        self.rows, self.begin, self.end = slice(None), 0, 0

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        (rows, columns), (_, heads, _, _) = self.shape, key_states.shape
        # Zeros: what no row has written is masked, but not a number times a weight of 0 would still be not a number.
        self.keys = key_states.new_zeros(rows, heads, columns, key_states.shape[-1])
        self.values = value_states.new_zeros(rows, heads, columns, value_states.shape[-1])
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start, self.end = self.end, self.end + key_states.shape[2]
        self.keys[self.rows, :, start : self.end] = key_states
        self.values[self.rows, :, start : self.end] = value_states
        seen = (self.rows, slice(None), slice(self.begin, self.end))
        return self.keys[seen], self.values[seen]

    def get_seq_length(self) -> int:
        return self.prefix_length + self.end - self.begin


def bytes_per_token(config: Any, dtype: torch.dtype) -> int:
    """Bytes that the keys and values of one token take in all layers."""
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * size * dtype.itemsize)
