"""A training that is killed at any moment, several times, ends in the adapter of one that was left alone."""

import multiprocessing
import random
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from data.schema import Domain
from finetune import checkpoint
from finetune import obtain as adapters
from finetune.adapter import read_adapter
from finetune.examples import Example, training_examples
from finetune.obtain import is_trained, obtain_adapter
from finetune.settings import TrainingSettings
from rag.chunk import chunk

_Process = multiprocessing.get_context("fork").Process
SETTINGS = TrainingSettings(rank=4, epochs=40, learning_rate=1e-2, batch_size=4)


def _train(model: Any, examples: list[Example], kept: Path, log: Path) -> None:
    torch.set_num_threads(1)

    def progress(step: str, done: int = 0, total: int = 0) -> None:
        time.sleep(0.01)
        with log.open("a") as file:
            file.write(f"{done}\n")

    obtain_adapter(model, examples, SETTINGS, progress, kept)


def test_a_killed_training_ends_in_the_same_adapter(
    domain: Domain, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY_S", 0)  # so that kills fall into its writing, too
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    draw, log, kept = random.Random(0), tmp_path / "log", tmp_path / "run" / "seed-0"
    killed = 0
    while not is_trained(tiny_model, examples, SETTINGS) and killed < 8:
        process = _Process(target=_train, args=(tiny_model, examples, kept, log))
        process.start()
        time.sleep(draw.uniform(0.05, 0.4))
        process.kill()
        process.join()
        killed += process.exitcode == -9
    assert killed > 1
    _train(tiny_model, examples, kept, log)
    steps = [int(line) for line in log.read_text().splitlines()]
    assert steps[-1] == 80
    assert len(steps) < 80 * (killed + 1), "it went on where it was, and did not begin anew each time"
    found = read_adapter(kept, reused=False)
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "elsewhere"))
    _train(tiny_model, examples, tmp_path / "straight", log)
    assert read_adapter(tmp_path / "straight", reused=False).sha256 == found.sha256
    left = {path.suffix for path in adapters.cache_folder().glob("adapters/*")}
    assert left == {"", ".lock"}
