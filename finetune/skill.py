"""Train a skill on public sets (reading, asking): an adapter beside a base model, and what decides when it ends."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict
from safetensors.torch import save

from data.cache_entry import sha256_of
from data.files import write_bytes, write_json
from data.progress import Progress
from finetune.adapter import lora_config, new_adapter
from finetune.checkpoint import Checkpoint
from finetune.early_stop import EarlyStop
from finetune.examples import Example
from finetune.half_precision import half_precision
from finetune.settings import TrainingSettings
from finetune.steps import Step
from finetune.train import mean_loss, train
from model.language_model import Trainable
from model.reader import ADAPTER


def train_skill(
    model: Trainable,
    steps: Sequence[Step],
    looks: Sequence[Sequence[Example]],
    settings: TrainingSettings,
    checkpoint: Checkpoint,
    progress: Progress,
    half: bool = False,
) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The best adapter by the examples to look at, the last one where there are none; what `train` returns."""
    torch.manual_seed(settings.seed)
    with new_adapter(model, lora_config(settings), "skill") as parameters:
        state = partial(get_peft_model_state_dict, model.network, adapter_name="skill")
        stop = EarlyStop(lambda: mean_loss(model, looks), state, checkpoint.folder)
        if not stop.is_whole():
            checkpoint.drop()  # begin anew, which gives the same adapter
        progress("training", 0, len(steps))
        after = stop.after_step if looks else lambda *_: False
        precision = half_precision if half else nullcontext
        measured = train(model, parameters, steps, settings, progress, after, checkpoint, precision)
        weights = stop.at_end(measured["steps"]) if looks else state()
    return weights, measured | {"kept_out": stop.curve()}


def write_skill(
    out: Path,
    name: str,
    model: Trainable,
    weights: dict[str, torch.Tensor],
    settings: TrainingSettings,
    record: dict[str, Any],
) -> dict[str, Any]:
    """Write the adapter, in float16 and peft's format, and its record under this name; returns the record.

    The record gets the base that the adapter belongs to, the settings, the versions, and the digest of the weights.
    """
    out.mkdir(parents=True, exist_ok=True)
    tensors = {f"base_model.model.{key}": tensor.half().contiguous().cpu() for key, tensor in sorted(weights.items())}
    content = save(tensors)
    write_bytes(out / ADAPTER, content)
    config = lora_config(settings)
    config.base_model_name_or_path = model.name
    config.save_pretrained(out)
    record = record | {"settings": settings.model_dump(), "base": model.name, "device": model.device}
    record |= {"base_fingerprint": model.fingerprint()}
    record["versions"] = {package: version(package) for package in ("torch", "transformers", "peft")}
    record |= {"sha256": sha256_of(out / ADAPTER), "bytes": len(content)}
    write_json(out / name, record)
    return record
