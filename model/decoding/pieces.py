"""Long prompts are read in pieces: a layer works on all tokens of a pass at once, which needs more than their keys."""

from collections.abc import Iterator
from typing import Any

import torch

WHOLE = 8192  # tokens up to which a prompt is read at once
PIECE = 4096  # of a longer one


def pieces(tokens: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each piece of so many tokens."""
    step = tokens if tokens <= WHOLE else PIECE
    for begin in range(0, tokens, max(1, step)):
        yield begin, min(begin + step, tokens)


def pass_bytes(config: Any, dtype: torch.dtype) -> int:
    """Bytes that reading one piece takes beside keys and values: what the widest part of a layer holds at once."""
    wide = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
    return int(WHOLE * (3 * wide + 8 * config.hidden_size) * dtype.itemsize)


def mask_bytes(device: str) -> int:
    """Bytes that one more token before a piece takes in its mask; a processor's attention wants them as numbers."""
    return PIECE * (5 if device == "cpu" else 3)
