"""Load network and tokenizer of a model, and refuse what would answer from other weights than the file's."""

import math
import warnings
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from data.errors import TriviumError
from data.files import read_bytes
from model.decoding.proof import Unreadable, Ways, prove
from model.fingerprint import base_scales
from model.memory import give_back, memory_for
from model.quantised import loading_options, settle
from model.reader import Reader
from model.weights import DEFAULT_MODEL, ModelSource

_SHOWN = 3  # names of weights in a message
_WHILE_LOADING = ("the weights of this model", "Round them with --load-in 4bit, or use a smaller model.")


def load_tokenizer(source: ModelSource, name: str) -> Any:
    """The tokenizer of a model.

    Raises:
        TriviumError: it cannot be loaded.
    """
    try:
        return AutoTokenizer.from_pretrained(source.weights, trust_remote_code=False)
    except Exception as error:  # foreign files make transformers and its libraries fail in any way
        raise _not_loaded(name, error) from error


def load_network(source: ModelSource, name: str, device: str, load_in: str | None = None) -> Any:
    """The network with its reader, if it has one, ready to answer. CPU computes in float32, GPUs in bfloat16.

    Args:
        load_in: "4bit" or "8bit": weights of the layers are rounded while they are read.

    Raises:
        TriviumError: it cannot be loaded, or a weight is missing, of another shape, unread or no number.
    """
    transformers_logging.set_verbosity_error()  # its report of weights that were not found: told below, as an error
    transformers_logging.disable_progress_bar()
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    if load_in and source.reader:
        plain = source.plain_name or "the model below"
        raise TriviumError(f"--load-in: {name} has a reader, which is added to whole weights. Take {plain}.")
    rounded = loading_options(load_in, device, dtype) if load_in else {}
    _check_number_types(source)
    try:
        with warnings.catch_warnings(), memory_for(*_WHILE_LOADING):
            warnings.simplefilter("ignore")
            network, report = AutoModelForCausalLM.from_pretrained(
                source.weights, dtype=torch.float32 if source.reader else dtype, use_safetensors=True,
                trust_remote_code=False, output_loading_info=True, ignore_mismatched_sizes=True,  # told below, by name
                **rounded,
            )  # fmt: skip
    except TriviumError:
        raise
    except Exception as error:  # see above
        raise _not_loaded(name, error) from error
    _check_report(name, report, network)
    with memory_for(*_WHILE_LOADING):
        if source.reader:
            Reader(source.reader).add_to(network)  # in float32, before anything is rounded
        if load_in:
            settle(network.eval().requires_grad_(False), device)
        else:
            network.to(device, dtype).eval().requires_grad_(False)
    check_finite(name, chain(network.named_parameters(), base_scales(network)))
    give_back()
    return network


def ways_to_read(name: str, network: Any, pad: int) -> Ways:
    """How prompts may be read, tried on the network.

    Raises:
        TriviumError: in no way.
    """
    try:
        return prove(network, pad)
    except Unreadable as error:
        raise TriviumError(f"the model '{name}' cannot be used: {error}.") from error


def _not_loaded(name: str, error: Exception) -> TriviumError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = " ".join(lines)[:200] or type(error).__name__
    return TriviumError(
        f"the model '{name}' cannot be loaded: {reason.rstrip('.')}. Known without a hub: {DEFAULT_MODEL}."
    )


def _check_report(name: str, report: dict[str, Any], network: Any) -> None:
    if getattr(network, "_hf_peft_config_loaded", False):
        raise TriviumError(
            f"the model '{name}' brings an adapter of its own beside its weights; give the adapter's folder as the "
            "model, or take adapter_config.json out."
        )
    for key, what in (("missing_keys", "are missing"), ("mismatched_keys", "have another shape than config.json says"),
                      ("unexpected_keys", "are in the file but not in the architecture of config.json")):  # fmt: skip
        found = sorted(str(entry if isinstance(entry, str) else entry[0]) for entry in report.get(key) or ())
        if found:
            raise TriviumError(f"the model '{name}' is not whole: {len(found)} weights {what}: {_listed(found)}.")


def check_vocabulary(name: str, tokenizer: Any, network: Any) -> None:
    """Raise an error where the tokenizer knows tokens that the weights have no place for."""
    places = int(network.get_input_embeddings().weight.shape[0])
    beyond = sorted(token for token, number in tokenizer.get_vocab().items() if number >= places)
    if beyond:
        raise TriviumError(
            f"the model '{name}' does not fit its tokenizer: the weights have no place for {len(beyond)} of its "
            f"tokens: {_listed(beyond)}."
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _check_number_types(source: ModelSource) -> None:
    """Weights stored as whole numbers mean something only with scales, which a config would name."""
    folder = Path(source.weights)
    config = folder / "config.json"
    if not config.is_file() or "quantization_config" in read_bytes(config, 2**26).decode(errors="replace"):
        return
    for file in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(file, framework="pt") as opened:
                whole = [key for key in opened.keys() if opened.get_slice(key).get_dtype().startswith(("I", "U"))]  # noqa: SIM118
        except Exception as error:  # safetensors has no class of errors that its types name
            raise TriviumError(f"{file}: not a safetensors file, or not all of it ({error}).") from error
        if whole:
            raise TriviumError(
                f"{file}: {len(whole)} weights are whole numbers without the scales that give them a value: "
                f"{_listed(whole)}."
            )


def check_finite(name: str, tensors: Iterator[tuple[str, Tensor]]) -> None:
    """Raise an error where a weight is not a number: every answer would be empty, and nothing would say why.

    A sum is finite only if all its terms are, and takes a tenth of the time of looking at each; what it denies is
    looked at again, because the sum of finite numbers can be too large as well.
    """
    bad = [
        key
        for key, tensor in tensors
        if not math.isfinite(tensor.sum(dtype=torch.float32).item()) and not bool(torch.isfinite(tensor).all())
    ]
    if bad:
        raise TriviumError(f"the model '{name}' is damaged: weights that are not numbers in {_listed(bad)}.")
