"""The sizes of a network, read from its config.json or its GGUF header: no weight is looked at."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from model.gguf.header import Header, read_header
from model.gguf.places import gguf_of
from model.weights import PLAIN_MODEL, READER_MODEL, base_of_reader, embedded_file

_EMBEDDINGS, _BLOCK = "token_embd.weight", "blk."  # of GGUF


@dataclass(frozen=True)
class Sizes:
    """What the memory of a decoder depends on; widths are numbers a token."""

    weights: int  # all of them
    products: int  # those in the products of the layers
    sides: int  # rows and columns of these products, summed: LoRA of rank r has r times as many weights
    layers: int
    hidden: int
    inner: int  # the widest part of a layer
    heads: int
    queries: int  # heads · size of a head
    keys: int  # heads for keys · size of a head
    vocabulary: int
    window: int
    biased: bool  # whether products of the layers have a bias


def sizes_of(name: str) -> Sizes:
    """The sizes of a model whose weights lie on this machine, or of a hub id whose config.json can be had.

    Raises:
        TriviumError: there is no such model, or its configuration cannot be read.
    """
    if name in (PLAIN_MODEL, READER_MODEL):
        return of_header(read_header(embedded_file(PLAIN_MODEL)))
    if found := gguf_of(name):
        return of_header(read_header(found.path))
    folder = Path(name).expanduser()
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        return sizes_of(base_of_reader(folder))
    return _of_configuration(name)


def of_header(header: Header) -> Sizes:
    """Counted on the tensors that the header lists."""
    products = [t.shape for t in header.tensors if t.name.startswith(_BLOCK) and len(t.shape) == 2]
    hidden, heads = int(header.own("embedding_length", 0)), _most(header.own("attention.head_count", 1))
    size = int(header.own("attention.key_length", hidden // max(1, heads)))
    inner = _most(header.own("feed_forward_length", 4 * hidden))
    words = next((t.shape[0] for t in header.tensors if t.name == _EMBEDDINGS), 0)
    return Sizes(
        weights=header.elements,
        products=sum(rows * columns for rows, columns in products),
        sides=sum(rows + columns for rows, columns in products),
        layers=int(header.own("block_count", 1)),
        hidden=hidden,
        inner=inner,
        heads=heads,
        queries=heads * size,
        keys=_most(header.own("attention.head_count_kv", heads)) * size,
        vocabulary=words,
        window=int(header.own("context_length", 0)),
        biased=any(t.name.startswith(_BLOCK) and t.name.endswith(".bias") for t in header.tensors),
    )


def _most(value: int | Sequence[int]) -> int:
    """A number, or the largest where each layer has one of its own."""
    return int(value if isinstance(value, int) else max(value))


def _of_configuration(name: str) -> Sizes:
    from transformers import AutoConfig

    try:
        return of_config(AutoConfig.from_pretrained(name, trust_remote_code=False))
    except Exception as error:  # foreign files make transformers and its libraries fail in any way
        reason = (str(error).strip() or type(error).__name__).partition("\n")[0][:200].rstrip(".")
        raise TriviumError(f"the configuration of '{name}' cannot be read: {reason}.") from error


def of_config(config: Any) -> Sizes:
    """Counted on a network without numbers, made from a configuration of transformers."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"), _quiet():
        network = AutoModelForCausalLM.from_config(config)
    output, config = network.get_output_embeddings(), config.get_text_config()
    products = [m for m in network.modules() if isinstance(m, torch.nn.Linear) and m is not output]
    heads = config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return Sizes(
        weights=sum(parameter.numel() for parameter in network.parameters()),
        products=sum(product.in_features * product.out_features for product in products),
        sides=sum(product.in_features + product.out_features for product in products),
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        inner=_most(getattr(config, "intermediate_size", None) or 4 * config.hidden_size),
        heads=heads,
        queries=heads * size,
        keys=(getattr(config, "num_key_value_heads", None) or heads) * size,
        vocabulary=config.vocab_size,
        window=config.max_position_embeddings,
        biased=any(product.bias is not None for product in products),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's remarks on a configuration."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)
