"""A process that computes its share of the gradients of a training; started by `finetune.together`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from data.errors import TriviumError
from data.files import read_text, write_bytes
from finetune.adapter import Lora
from finetune.cartridge import Cartridge
from finetune.checkpointing import recomputing
from finetune.examples import Example, Taught
from finetune.merged import merged_products
from finetune.obtain import Kind
from finetune.settings import TrainingSettings
from finetune.steps import epochs_of
from finetune.together import END, JOB, READY, flat, gradients_of, meet, put
from model.language_model import Trainable, need
from model.options import ModelOptions
from model.registry import load_model

_LARGEST = 2**34  # bytes of a job


def kind_of(key: Mapping[str, Any]) -> Kind:
    """What is trained, from its key."""
    return Cartridge(key["prefix"]) if "prefix" in key else Lora()


def example_of(row: Mapping[str, Any]) -> Example:
    """An example as it was before it was written down."""
    taught = row["teacher"]
    tuples = {name: tuple(row[name]) for name in ("prompt", "completion")}
    return Example(**{**row, **tuples, "teacher": taught and Taught(**taught)})


def _next_step() -> int:
    number = torch.tensor([END])
    distributed.broadcast(number, src=0)
    return int(number)


def main(folder: Path, rank: int) -> None:
    """Load the model, make what is trained, and compute gradients until the leader ends it.

    Raises:
        TriviumError: other weights lie here under the model's name.
    """
    job = json.loads(read_text(folder / JOB, _LARGEST))
    torch.set_num_threads(job["threads"])
    model = need(load_model(job["model"], ModelOptions(job["device"])), Trainable, "fine-tuning")
    if model.fingerprint() != job["fingerprint"]:
        raise TriviumError(f"{job['model']}: other weights were loaded than in the process that began the training.")
    settings = TrainingSettings.model_validate(job["settings"])
    steps = epochs_of([example_of(row) for row in job["examples"]], settings)
    torch.manual_seed(settings.seed)
    with kind_of(job["kind"]).fresh(model, settings) as fresh:
        write_bytes(folder / f"{READY}{rank}", b"")
        meet(folder, rank, job["size"])
        with merged_products(model.network) as merge, recomputing(model.network, settings.checkpointing):
            numbers = flat(fresh.parameters)
            while (number := _next_step()) != END:
                distributed.broadcast(numbers, src=0)
                put(numbers, fresh.parameters)
                merge()
                for parameter in fresh.parameters:
                    parameter.grad = None
                distributed.reduce(gradients_of(model, steps[number], fresh.parameters, rank, job["size"]), dst=0)
    distributed.destroy_process_group()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]))
    except TriviumError as error:
        sys.exit(str(error))
