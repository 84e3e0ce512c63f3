"""Matrix products in bfloat16 on a processor that has instructions for them."""

from contextlib import AbstractContextManager

import torch


def has_bfloat16(device: str) -> bool:
    """Whether this is a CPU with instructions for it; a GPU's network is in bfloat16 already."""
    able = torch.cpu.get_capabilities()
    return device == "cpu" and any(able.get(name) for name in ("avx512_bf16", "amx_bf16"))


def half_precision() -> AbstractContextManager[None]:
    """While active, what a training step multiplies is rounded to bfloat16; weights and adapter stay in float32.

    One for each step: torch keeps the rounded adapter until the end.
    """
    return torch.autocast("cpu", torch.bfloat16)
