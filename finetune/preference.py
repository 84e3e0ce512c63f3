"""Preference tuning: DPO (Rafailov et al. 2023, arXiv 2305.18290) by trl's trainer, on an adapter beside the base."""

import copy
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, runtime_checkable

import torch
from peft import LoraConfig, get_peft_model_state_dict
from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import load_file, save

from data import jsonl
from data.cache_entry import cache_folder, obtain, sha256_of
from data.errors import TriviumError
from data.files import whole_folder, write_bytes, write_json
from data.progress import Progress
from finetune.adapter import PREFIX, RECORD, WEIGHTS, Adapter, holds, is_old, lora_config, new_adapter, read_adapter
from finetune.merged import merged_products
from finetune.settings import TrainingSettings
from finetune.untouched import as_it_was, quiet
from model.language_model import Trainable
from model.memory import memory_for
from model.operations import preference_operations, shapes_of
from model.speed import speedometer

NEEDS_TRL = "preference tuning needs trl. `pip install 'trivium[prefer]'` (or `pip install trl`) installs it."


class PreferenceSettings(BaseModel):
    """The recipe of a preference tuning."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    beta: float = Field(0.1, gt=0)  # how strongly the reference holds; larger: less drift
    learning_rate: float = Field(5e-4, gt=0)  # peak, after warm-up
    anchor: float = Field(0.5, ge=0)  # weight of the chosen answer's own loss (Pang et al. 2024, arXiv 2404.19733)
    epochs: int = Field(1, ge=1)
    batch_size: int = Field(4, ge=1)  # pairs a step
    warmup: float = Field(0.1, ge=0, lt=1)  # share of the steps with a rising learning rate
    clip: float = Field(1.0, gt=0)
    rank: int = Field(16, ge=1)  # of a new adapter; one that is gone on with keeps its own
    seed: int = 0


@runtime_checkable
class Tunable(Trainable, Protocol):
    """A model that trl's trainer can be given: it has a tokenizer of transformers."""

    tokenizer: Any


@dataclass(frozen=True)
class TokenPair:
    """Token ids of a prompt and of two answers to it, each with the token that ends it."""

    prompt: tuple[int, ...]
    chosen: tuple[int, ...]
    rejected: tuple[int, ...]


def dpo_key(model: Tunable, pairs: Sequence[TokenPair], settings: PreferenceSettings, start: Adapter | None) -> str:
    """Digest of all that decides what comes out of a preference tuning."""
    content = {
        "base": model.fingerprint(),
        "device": model.device,
        "kind": "dpo",
        "settings": settings.model_dump(),
        "start": start.sha256 if start else "",
        "pairs": [astuple(pair) for pair in pairs],
        "versions": {name: version(name) for name in ("torch", "transformers", "peft", "trl")},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def require_trl() -> None:
    """Raises TriviumError where trl is not installed."""
    try:
        version("trl")
    except PackageNotFoundError:
        raise TriviumError(NEEDS_TRL) from None


@cache
def _trainer_class() -> type[Any]:
    """trl's DPOTrainer for pairs that are token ids already: its own tokenization reads control tokens in texts."""
    require_trl()
    from trl import DPOTrainer

    if "_prepare_dataset" not in vars(DPOTrainer):  # private: what is replaced below has to be what it calls
        raise TriviumError(f"trl {version('trl')} prepares its pairs otherwise. Install the trl of constraints.txt.")

    class TokenDPOTrainer(DPOTrainer):  # type: ignore[misc] # trl is untyped here
        def _prepare_dataset(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
            return dataset

    return TokenDPOTrainer


def _told(progress: Progress, tell: Callable[[dict[str, Any]], None], merge: Callable[[], None]) -> Any:
    """A callback of the trainer: says how far it is, and puts the changed adapter into the layers' products."""
    from transformers import TrainerCallback

    class Told(TrainerCallback):  # type: ignore[misc] # transformers is untyped here
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            merge()

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **kwargs: Any) -> None:
            if "loss" in logs:
                known = {name: logs.get(f"rewards/{name}") for name in ("accuracies", "margins")}
                tell({"step": state.global_step, "loss": logs["loss"], "learning_rate": logs["learning_rate"], **known})
                progress(f"preference tuning, loss {float(logs['loss']):.3f}", state.global_step, state.max_steps)

    return Told()


def dpo_trainer(
    model: Tunable, pairs: Sequence[TokenPair], settings: PreferenceSettings, scratch: Path, callbacks: Sequence[Any]
) -> Any:
    """trl's trainer over these pairs, for the adapter that is switched on.

    The reference is the network as it is now: its log-probabilities are computed once, before the first step.
    """
    trainer = _trainer_class()
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import DPOConfig

    rows = [{"prompt_ids": list(p.prompt), "chosen_ids": list(p.chosen), "rejected_ids": list(p.rejected)}
            for p in pairs]  # fmt: skip
    anchored = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, settings.anchor]} if settings.anchor else {}
    config = DPOConfig(
        output_dir=str(scratch), beta=settings.beta, **anchored, per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate, lr_scheduler_type="cosine", warmup_steps=settings.warmup,
        num_train_epochs=settings.epochs, max_grad_norm=settings.clip, weight_decay=0.0, seed=settings.seed,
        max_length=None, precompute_ref_log_probs=True, gradient_checkpointing=False, bf16=False,
        use_cpu=model.device == "cpu", report_to="none", save_strategy="no", logging_steps=1, disable_tqdm=True,
        dataloader_pin_memory=False,
    )  # fmt: skip
    tokenizer = copy.deepcopy(model.tokenizer)  # the trainer gives it a padding token
    made = trainer(model=model.network, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer,
                   callbacks=list(callbacks))  # fmt: skip
    made.remove_callback(PrinterCallback)
    return made


@contextmanager
def _begun(model: Tunable, settings: PreferenceSettings, start: Adapter | None) -> Iterator[Callable[[Path], int]]:
    """An adapter to tune, switched on: a new one, or one that begins as `start`. Yields how to write it."""
    recipe = TrainingSettings(rank=settings.rank, alpha=2 * settings.rank)
    config: Any = LoraConfig.from_pretrained(str(start.folder)) if start else lora_config(recipe)
    config.inference_mode, name = False, "in_preference"
    with new_adapter(model, config, name):
        if start:
            _copy_into(model, name, start)

        def write(folder: Path) -> int:
            weights = get_peft_model_state_dict(model.network, adapter_name=name)
            tensors = {PREFIX + key: tensor.detach().contiguous().cpu() for key, tensor in sorted(weights.items())}
            write_bytes(folder / WEIGHTS, save(tensors))
            config.save_pretrained(folder)
            return sum(tensor.numel() for tensor in tensors.values())

        yield write


@torch.no_grad()
def _copy_into(model: Tunable, name: str, start: Adapter) -> None:
    written = {key.removeprefix(PREFIX): tensor for key, tensor in load_file(start.folder / WEIGHTS).items()}
    for key, parameter in model.network.named_parameters():
        if f".{name}." in key:
            parameter.copy_(written[key.replace(f".{name}.", ".").removeprefix(PREFIX)])


_MEMORY = ("a step of preference tuning", "Use a smaller --batch-size.")


def tune(
    model: Tunable, pairs: Sequence[TokenPair], settings: PreferenceSettings, progress: Progress,
    start: Adapter | None, folder: Path, tell: Callable[[dict[str, Any]], None] = lambda line: None,
) -> dict[str, Any]:  # fmt: skip
    """Tune an adapter on pairs and write it into an empty folder.

    Args:
        start: an adapter to go on with, which is then the reference; None: a new one on the bare base, the reference.
        tell: called with each step's line of the curve: its loss, and how many pairs of it are ordered as wanted.

    Returns:
        The curve, seconds on the clock and calibrated ones, steps, pairs, tokens read in all passes, numbers trained,
        operations by formula.
    """
    curve: list[dict[str, Any]] = []

    def told(line: dict[str, Any]) -> None:
        curve.append(line)
        tell(line)

    meter = speedometer(model.device)
    torch.manual_seed(settings.seed)
    progress("preparing the preference tuning")
    with _begun(model, settings, start) as write, as_it_was(model.network), TemporaryDirectory() as scratch:
        began = meter.now()
        with merged_products(model.network) as merge, quiet(), memory_for(*_MEMORY):
            trainer = dpo_trainer(model, pairs, settings, Path(scratch), [_told(progress, told, merge)])
            trainer.train()
        ended = meter.now()
        numbers = write(folder)
    labels = sum(len(pair.chosen) + len(pair.rejected) for pair in pairs)
    read = labels + sum(2 * len(pair.prompt) for pair in pairs)
    scored = labels if model.device.startswith("cuda") else read  # trl scores the answers' places alone only there
    return {
        "curve": curve, "seconds": ended.clock - began.clock, "calibrated_s": meter.calibrated(began, ended),
        "steps": len(curve), "pairs": len(pairs), "read_tokens": read * settings.epochs, "trained_parameters": numbers,
        "operations": preference_operations(shapes_of(model.network), read, scored, numbers, settings.epochs),
    }  # fmt: skip


def obtain_preferred(
    model: Tunable, pairs: Sequence[TokenPair], settings: PreferenceSettings, progress: Progress, kept: Path,
    start: Adapter | None = None,
) -> Adapter:  # fmt: skip
    """The adapter that these preferences lead to: kept in the run, from the cache, or tuned now.

    A tuning that was stopped begins anew; it takes minutes.

    Args:
        kept: its place in the run's folder. Beside it lies the curve while it is tuned.

    Raises:
        TriviumError: there is no pair, or trl is not installed.
    """
    if not pairs:
        raise TriviumError("there is no preference to learn from: rank some answers first (trivium prefer RUN).")
    require_trl()
    key = dpo_key(model, pairs, settings, start)
    if holds(kept, key):
        return read_adapter(kept, reused=True)
    cached, curve = cache_folder() / "adapters" / key[:32], kept.with_name(f"{kept.name}.curve.jsonl")
    curve.parent.mkdir(parents=True, exist_ok=True)

    def make(folder: Path) -> None:
        jsonl.write(curve, [])
        measured = tune(
            model, pairs, settings, progress, start, folder, lambda line: jsonl.append(curve, [line], sync=False)
        )
        measured |= {"key": key, "settings": settings.model_dump(), "sha256": sha256_of(folder / WEIGHTS)}
        write_json(folder / RECORD, measured | {"device": model.device, "start": start.sha256 if start else ""})

    reused = obtain(cached, make, "adapter", progress, is_old)
    curve.unlink(missing_ok=True)
    with whole_folder(kept) as scratch:
        shutil.copytree(cached, scratch, dirs_exist_ok=True)
    return read_adapter(kept, reused)
