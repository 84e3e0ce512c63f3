"""Weights that are rounded to 4 or 8 bits when they are read (bitsandbytes): how, how many they are, their scales.

4 bits: NF4 with scales rounded too (QLoRA, Dettmers et al. 2023, arXiv 2305.14314); 8 bits: LLM.int8() (Dettmers et al.
2022, arXiv 2208.07339), on a processor of the weights alone.
"""

import importlib.util
from collections.abc import Iterator
from math import prod
from typing import Any

import torch
from torch import Tensor

from data.errors import TriviumError

_FOUR, _EIGHT = "4bit", "8bit"
# Bytes of a weight and its share of a scale: 4 bits, 8 for each 64 of them, 32 for each 256 of these; 8 bits, 32 a row.
BYTES = {_FOUR: 0.5 + 1 / 64 + 4 / (64 * 256), _EIGHT: 1.0}


def loading_options(load_in: str, device: str, dtype: torch.dtype) -> dict[str, Any]:
    """What `from_pretrained` has to be told.

    Raises:
        TriviumError: bitsandbytes is not installed, or does nothing on this device.
    """
    if device == "mps":
        raise TriviumError("--load-in: bitsandbytes computes on cpu and cuda. Choose another --device.")
    if importlib.util.find_spec("bitsandbytes") is None:
        raise TriviumError('--load-in needs bitsandbytes: pip install "trivium[quantised]".')
    from transformers import BitsAndBytesConfig

    options: dict[str, Any] = {"load_in_8bit": True}
    if load_in == _FOUR:
        options = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True,
                   "bnb_4bit_compute_dtype": dtype}  # fmt: skip
    return {"quantization_config": BitsAndBytesConfig(**options), "device_map": {"": device}}


def settle(network: Any, device: str) -> None:
    """Switch off what would change weights or answers behind our back on a processor.

    With AVX-512 the library packs 4-bit weights anew in the first pass and rounds their scales, after which gradients
    are wrong and another machine answers otherwise. Of 8-bit weights it would round each row's activations as well,
    unless a layer is in training.
    """
    for module in network.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
        elif device == "cpu" and _is_eight_bit(module):
            module.training = True
            module.train = lambda mode=True, own=module: own  # whoever switches the network to answering leaves it


def _is_eight_bit(module: Any) -> bool:
    """Not by its class, which only the library has; peft's layer around it has the same name."""
    return type(module).__name__ == "Linear8bitLt" and type(module).__module__.startswith("bitsandbytes")


def elements(tensor: Tensor) -> int:
    """Weights in a tensor, of which several may lie in one number."""
    state = getattr(tensor, "quant_state", None)
    return tensor.numel() if state is None else prod(state.shape)


def scales(network: Any) -> Iterator[tuple[str, Tensor]]:
    """What gives rounded weights their values, by name of the layer."""
    for name, module in network.named_modules():
        if hasattr(module, "base_layer"):  # peft's layer around one; it shows the weight of the one inside
            continue
        weight = getattr(module, "weight", None)
        if (state := getattr(weight, "quant_state", None)) is not None:
            yield f"{name}.absmax", state.absmax
            yield f"{name}.code", state.code
            if state.nested:
                yield f"{name}.nested_absmax", state.state2.absmax
                yield f"{name}.nested_code", state.state2.code
                yield f"{name}.offset", state.offset
        elif _is_eight_bit(module):  # the first pass takes them from the weight
            own = getattr(weight, "SCB", None)
            yield f"{name}.scales", module.state.SCB if own is None else own
