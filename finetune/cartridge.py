"""A trained prefix (Cartridge): keys and values of some hundred virtual tokens before every prompt; no weight changes.

Eyuboglu et al. 2025, "Cartridges", arXiv 2506.06266: started from the keys and values of real text, trained by
self-study. The first token stays, because others rest their attention on it. Configuration and format are peft's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

import torch
from peft import CartridgeConfig
from safetensors.torch import load_file, save
from torch import Tensor

from data.files import write_bytes
from data.progress import Progress, silent
from data.schema import Domain
from finetune.adapter import WEIGHTS, Adapter, Fresh
from finetune.examples import Renderer
from finetune.settings import TrainingSettings
from model.decoding.prefix import SharedPrefix
from model.language_model import Trainable

FROZEN = 1  # tokens
PREFIX_RATE = 1e-2  # peak learning rate, tried in one small training and not chosen among others (docs/finetuning.md)
PREFIX_DISTILLATION = 1.0  # share of the loss by a teacher that reads: the paper's objective, not measured here
_TENSOR = "prompt_embeddings"  # (virtual tokens, layers · 2 · heads · size), of each layer keys and then values


def prefix_settings(chosen: TrainingSettings) -> TrainingSettings:
    """The recipe as a prefix uses it: with its own rate, and no adapter to be kept out of anything."""
    return chosen.model_copy(update={"learning_rate": PREFIX_RATE, "spare": 0.0})


def first_tokens(domain: Domain, model: Renderer, limit: int) -> list[int]:
    """The documents' text from its beginning, as tokens: what a prefix starts from."""
    tokens: list[int] = []
    for document in domain.documents:
        tokens += model.encode(f"{document.title}\n{document.text}\n\n")
        if len(tokens) >= limit:
            break
    return tokens[:limit]


class _Pairs(Sequence[Tensor]):
    """Keys or values of each layer, the frozen tokens before the trained ones, put together when asked for."""

    def __init__(self, frozen: Tensor, trained: Tensor) -> None:
        self.frozen, self.trained = frozen, trained  # (layers, 1, heads, tokens, size)

    def __len__(self) -> int:
        return len(self.frozen)

    @overload
    def __getitem__(self, layer: int) -> Tensor: ...
    @overload
    def __getitem__(self, layer: slice) -> Sequence[Tensor]: ...
    def __getitem__(self, layer: int | slice) -> Any:
        return torch.cat([self.frozen[layer], self.trained[layer]], dim=-2)


class Cartridge:
    """A prefix as what is trained.

    Args:
        start: tokens of the text whose keys and values it starts from; it has as many virtual tokens.
    """

    def __init__(self, start: Sequence[int]) -> None:
        self.start = list(start)

    @property
    def key(self) -> dict[str, Any]:
        """See `Kind`."""
        return {"prefix": self.start, "frozen": FROZEN}

    @contextmanager
    def fresh(self, model: Trainable, settings: TrainingSettings, progress: Progress = silent) -> Iterator[Fresh]:
        """Keys and values as the model reads the start; they stand before every prompt while this is open."""
        with torch.no_grad():
            read = SharedPrefix.read(model.network, self.start)
            keys, values = (torch.stack(list(pairs)).float() for pairs in (read.keys, read.values))
        parameters = [torch.nn.Parameter(pairs[..., FROZEN:, :].clone()) for pairs in (keys, values)]
        pairs = [_Pairs(a[..., :FROZEN, :], b) for a, b in zip((keys, values), parameters, strict=True)]

        def write(folder: Path) -> int:
            flat = _flat(
                [pairs[0][layer] for layer in range(len(keys))], [pairs[1][layer] for layer in range(len(keys))]
            )
            write_bytes(folder / WEIGHTS, save({_TENSOR: flat}))
            _config(model, keys).save_pretrained(folder)
            return sum(parameter.numel() for parameter in parameters)

        with model.adapted("in training", SharedPrefix((), pairs[0], pairs[1], len(self.start))):
            yield Fresh(parameters, write)


def _config(model: Trainable, keys: Tensor) -> CartridgeConfig:
    """peft's configuration of a prefix with these keys (layers, 1, heads, tokens, size)."""
    layers, _, heads, tokens, size = keys.shape
    return CartridgeConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=tokens, num_frozen_tokens=FROZEN, num_layers=layers,
        num_attention_heads=heads, token_dim=heads * size, num_transformer_submodules=1,
        base_model_name_or_path=model.name, inference_mode=True,
    )  # fmt: skip


def _flat(keys: Sequence[Tensor], values: Sequence[Tensor]) -> Tensor:
    """As peft lays them out."""
    rows = [pair[0].transpose(0, 1) for pairs in zip(keys, values, strict=True) for pair in pairs]
    return torch.stack(rows, dim=1).flatten(1).detach().contiguous().cpu()


def read_prefix(adapter: Adapter, model: Trainable) -> SharedPrefix:
    """Keys and values of a trained prefix, on the model's device and in its precision."""
    config = CartridgeConfig.from_pretrained(str(adapter.folder))
    flat = load_file(adapter.folder / WEIGHTS)[_TENSOR]
    layers, heads = config.num_layers, config.num_attention_heads
    pairs = flat.view(len(flat), layers, 2, heads, -1).permute(1, 2, 3, 0, 4)  # (layers, 2, heads, tokens, size)
    placed = pairs.to(model.network.device, model.network.dtype).contiguous()
    keys, values = ([placed[layer, which].unsqueeze(0) for layer in range(layers)] for which in (0, 1))
    return SharedPrefix((), keys, values, len(flat))


@contextmanager
def switched_on(model: Trainable, adapter: Adapter) -> Iterator[None]:
    """Answer with the prefix before every prompt; no weight is touched."""
    with model.adapted(adapter.sha256, read_prefix(adapter, model)):
        yield
