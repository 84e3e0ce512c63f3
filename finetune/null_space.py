"""Directions that general text takes through a model, and adapters that are kept out of them.

An adapter adds B A x to what a layer makes of its input x. Where the rows of A stand at right angles to nearly all that
general questions put into the layer, it adds next to nothing there, whatever B has learned: what the model knew stays,
and no step of a training takes longer. Edits of single facts are confined in this way by AlphaEdit (Fang et al. 2024,
arXiv 2410.02355), and a LoRA begins so in LoRA-Null (Tang et al. 2025, arXiv 2503.02659); here it stays so.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save
from torch import Tensor

from data.cache_entry import cache_folder, obtain
from data.files import read_text, write_bytes, write_json
from data.progress import Progress
from finetune.rehearsal import obtain_rehearsal
from finetune.train import hidden_states
from model.decoding.prefix import common_prefix
from model.language_model import Trainable
from model.speed import meter_of

RECIPE = 1  # counted up when the directions are found in another way
_AT_ONCE = 2**31  # bytes of sums that are kept; the layers of a large model are looked at in turns
_TOGETHER = 32  # texts
_DIRECTIONS, _RECORD = "directions.safetensors", "directions.json"


@dataclass(frozen=True)
class Directions:
    """By layer, what general text puts into it.

    Args:
        of: orthonormal columns (inputs, directions) by the name of a layer; layers with one input have one name.
        named: the name under which a layer's directions stand.
        record: seconds, calibrated_s, texts.
    """

    of: Mapping[str, Tensor]
    named: Mapping[str, str]
    record: Mapping[str, Any]

    @torch.no_grad()
    def keep_out(self, network: Any, adapter: str) -> None:
        """Take what lies along them out of the matrix A of every layer of the adapter."""
        for name, layer in network.named_modules():
            if isinstance(layer, LoraLayer) and adapter in layer.lora_A:
                down = layer.lora_A[adapter].weight
                known = self.of[self.named[name]].to(down.device)
                down -= (down @ known) @ known.T


class _Sums:
    """Sums of x xᵀ, each x of length 1, of what enters some layers."""

    def __init__(self, layers: Mapping[str, torch.nn.Linear]) -> None:
        self.layers = layers
        self.known = 0  # first tokens of a text that were looked at before
        self.of: dict[str, Tensor] = {}
        self.named: dict[str, str] = {}
        self._last: tuple[Tensor, str] | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        hooks = [layer.register_forward_pre_hook(self._look(name)) for name, layer in self.layers.items()]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _look(self, name: str) -> Callable[[Any, Any], None]:
        def look(layer: Any, inputs: Any) -> None:
            if self._last and self._last[0] is inputs[0]:  # as query, key and value have one input
                self.named[name] = self._last[1]
                return
            self._last, self.named[name] = (inputs[0], name), name
            rows = torch.nn.functional.normalize(inputs[0][0, self.known :].detach().float(), dim=-1)
            known = self.of.setdefault(name, torch.zeros(rows.shape[1], rows.shape[1], device=rows.device))
            known.addmm_(rows.T, rows)

        return look


def _leading(summed: Tensor, share: float) -> Tensor:
    """The fewest directions that hold this share of the sum of squares: (inputs, directions)."""
    strengths, directions = torch.linalg.eigh(summed)
    strengths, directions = strengths.flip(0).clamp_min(0), directions.flip(1)
    many = int((strengths.cumsum(0) < share * strengths.sum()).sum()) + 1
    leading: Tensor = directions[:, :many].contiguous()
    return leading


def _layers(network: Any) -> dict[str, torch.nn.Linear]:
    """Those that an adapter stands beside: all linear ones but the last, which gives the vocabulary."""
    last = network.get_output_embeddings()
    linear = [(name, part) for name, part in network.named_modules() if isinstance(part, torch.nn.Linear)]
    own = [(name, part) for name, part in linear if part is not last and ".lora_" not in name]
    return {name.removesuffix(".base_layer"): part for name, part in own}  # an adapter was there before


def _in_turns(layers: Mapping[str, torch.nn.Linear]) -> Iterator[dict[str, torch.nn.Linear]]:
    """Layers whose sums fit into memory together."""
    group: dict[str, torch.nn.Linear] = {}
    size = 0
    for name, layer in layers.items():
        own = 4 * layer.in_features**2
        if group and size + own > _AT_ONCE:
            yield group
            group, size = {}, 0
        group[name], size = layer, size + own
    yield group


def _read(model: Trainable, texts: Sequence[Sequence[int]], sums: _Sums) -> None:
    """Read texts that begin alike; where the model can, their beginning once for many."""
    alike = min(common_prefix(texts), min(map(len, texts)) - 1)
    shared, many = (alike, _TOGETHER) if model.shares_prefixes else (0, 1)
    for at in range(0, len(texts), many):
        sums.known = alike if at else 0
        hidden_states(model, texts[0][:shared], [text[shared:] for text in texts[at : at + many]])


@torch.no_grad()
def find_directions(
    model: Trainable, kinds: Sequence[Sequence[Sequence[int]]], share: float, progress: Progress
) -> Directions:
    """Read texts with the weights as they are, and keep what they put into every layer. Nothing may be switched on.

    Args:
        kinds: token ids of texts, those together that begin alike; that beginning counts once.
        share: of the sum of squares that the directions hold.
    """
    of: dict[str, Tensor] = {}
    named: dict[str, str] = {}
    layers = _layers(model.network)
    for group in _in_turns(layers):
        sums = _Sums(group)
        with sums.watching():
            for texts in kinds:
                _read(model, texts, sums)
        named |= sums.named
        for name, summed in sums.of.items():
            of[name] = _leading(summed, share).cpu()
            progress("finding what general questions use", len(named), len(layers))
    return Directions(of, named, {"texts": sum(map(len, kinds))})


def general_texts(model: Trainable, progress: Progress) -> list[list[tuple[int, ...]]]:
    """Token ids of the general questions with what the untrained model says to them, by the kind of prompt."""
    kinds: dict[int, list[tuple[int, ...]]] = {}
    for example in obtain_rehearsal(model, progress).examples:
        kinds.setdefault(example.rehearsal, []).append((*example.prompt, *example.completion))
    return list(kinds.values())


def obtain_directions(model: Trainable, share: float, progress: Progress) -> Directions:
    """What general questions put into each layer of the untrained model: from the cache, or found now.

    Nothing may be switched on.

    Args:
        share: of the sum of squares that the directions hold.
    """
    kinds = general_texts(model, progress)
    content = [RECIPE, model.fingerprint(), model.device, share, kinds]
    place = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
    folder = cache_folder() / "directions" / place

    def make(scratch: Path) -> None:
        meter = meter_of(model)
        meter.look()
        started = meter.now()
        found = find_directions(model, kinds, share, progress)
        meter.look()
        ended = meter.now()
        write_bytes(scratch / _DIRECTIONS, save(dict(found.of)))
        took = {"seconds": ended.clock - started.clock, "calibrated_s": meter.calibrated(started, ended)}
        write_json(scratch / _RECORD, {**found.record, **took, "named": dict(found.named)})

    obtain(folder, make, "directions of general text", progress)
    record = json.loads(read_text(folder / _RECORD))
    return Directions(load_file(folder / _DIRECTIONS), record.pop("named"), record)
