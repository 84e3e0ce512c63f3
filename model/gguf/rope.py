"""How a GGUF file stretches positions, in the words of transformers, which itself reads nothing of it but the base.

A model whose positions are computed in another way than in training answers worse and says nothing; so what is not
understood is refused.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from data.errors import TriviumError
from model.gguf.header import Header, StoredTensor

FACTORS = "rope_freqs.weight"  # what each frequency is divided by: how llama.cpp writes Llama 3.1's scaling
_UNREAD = ("rope_factors_long.weight", "rope_factors_short.weight")  # longrope of Phi 3 and others
_LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
_CLOSE = 1e-3  # of a factor
_F32 = 0  # ggml's number for it


def scaling_of(header: Header) -> dict[str, Any]:
    """What belongs into `rope_parameters` of the config beside the base; empty where positions are not stretched.

    Raises:
        TriviumError: they are in a way that transformers cannot be told.
    """
    tensors = {tensor.name: tensor for tensor in header.tensors}
    kind = str(header.own("rope.scaling.type", "none"))
    if FACTORS in tensors:
        return _llama3(header, tensors[FACTORS])
    if any(name in tensors for name in _UNREAD) or kind not in ("none", "linear", "yarn"):
        way = kind if kind != "none" else "longrope"
        raise TriviumError(
            f"{header.path}: its positions are stretched in a way ({way}) that cannot be read from GGUF; use the "
            "model's folder with safetensors."
        )
    factor = header.own("rope.scaling.factor", 1.0)
    if kind == "none" or factor == 1.0:
        return {}
    length = header.own("rope.scaling.original_context_length")
    original = {"original_max_position_embeddings": length} if kind == "yarn" and length else {}
    return {"rope_type": kind, "factor": factor, **original}


def _llama3(header: Header, stored: StoredTensor) -> dict[str, Any]:
    """The factors in the file say what they are made of: they are made again, and have to come out the same."""
    size = int(header.own("rope.dimension_count", 0)) or int(header.own("embedding_length")) // int(
        header.own("attention.head_count")
    )
    with header.path.open("rb") as file:
        file.seek(header.begin + stored.offset)
        found = np.frombuffer(file.read(4 * stored.elements), dtype="<f4")
    scaling = {"rope_type": "llama3", "factor": float(found.max(initial=1.0)), **_LLAMA3}
    expected = llama3_factors(size, float(header.own("rope.freq_base", 10000.0)), scaling)
    if stored.kind != _F32 or len(found) != len(expected) or not np.allclose(found, expected, rtol=_CLOSE):
        raise TriviumError(
            f"{header.path}: its positions are stretched by factors that are not those of Llama 3.1 and later; use the "
            "model's folder with safetensors."
        )
    return scaling if scaling["factor"] != 1.0 else {}


def llama3_factors(size: int, base: float, scaling: Mapping[str, Any]) -> list[float]:
    """What each of the size / 2 frequencies is divided by (Llama 3.1, model card and reference code, 2024)."""
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    original, factor = scaling["original_max_position_embeddings"], scaling["factor"]
    factors = []
    for place in range(0, size, 2):
        turns = original / (2 * math.pi * base ** (place / size))  # of this frequency over the original window
        smooth = min(1.0, max(0.0, (turns - low) / (high - low)))
        factors.append(1 / ((1 - smooth) / factor + smooth))
    return factors
