"""A training over processes ends where that of one process ends, within rounding; whole trainings are slow."""

import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from finetune import together as module
from finetune.adapter import WEIGHTS, Adapter, Lora
from finetune.cartridge import Cartridge
from finetune.examples import Example, Taught, training_examples
from finetune.obtain import LORA, Kind, obtain_adapter, training_key
from finetune.settings import TrainingSettings
from finetune.steps import Step
from finetune.together import flat, gradients_of, put, share_of
from finetune.train import step_gradients
from finetune.worker import example_of, kind_of
from model.local import LocalModel
from rag.chunk import chunk

SETTINGS = TrainingSettings(rank=4, epochs=12, learning_rate=1e-2, batch_size=3)


@pytest.fixture
def examples(domain: Domain, tiny_model: LocalModel) -> list[Example]:
    return list(training_examples(domain, domain.split("train"), tiny_model, 0, chunk)[1])


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_every_example_of_a_step_is_read_by_one_process(size: int, examples: list[Example]) -> None:
    groups = [examples[:3], examples[3:4], examples[4:]]
    shares = [share_of(groups, rank, size) for rank in range(size)]
    read = [id(example) for share in shares for group in share for example in group]
    assert sorted(read) == sorted(map(id, examples))
    assert all(group for share in shares for group in share)


def test_groups_of_one_do_not_all_go_to_the_first(examples: list[Example]) -> None:
    groups = [[example] for example in examples[:4]]
    assert [len(share_of(groups, rank, 2)) for rank in (0, 1)] == [2, 2]


@pytest.mark.parametrize("size", [2, 3, 7])
def test_the_gradients_of_all_shares_add_up_to_those_of_one_process(
    size: int, tiny_model: LocalModel, examples: list[Example]
) -> None:
    """Also with unequal lengths and weights, and where a process has nothing to read."""
    heavy = [Example(e.prompt, e.completion, weight=1.0 + n) for n, e in enumerate(examples)]
    step = Step(1, [heavy[:2], heavy[2:5]])
    with LORA.fresh(tiny_model, SETTINGS) as fresh:
        loss = step_gradients(tiny_model, step.groups)
        whole = flat([p.grad for p in fresh.parameters if p.grad is not None])
        parts = []
        for rank in range(size):
            for parameter in fresh.parameters:
                parameter.grad = None
            parts.append(gradients_of(tiny_model, step, fresh.parameters, rank, size))
    summed = torch.stack(parts).sum(dim=0)
    assert float(summed[-1]) == pytest.approx(loss, rel=1e-5)
    assert float((summed[:-1] - whole).norm()) < 1e-5 * float(whole.norm())  # rounding, with any number of threads
    assert float(whole.norm()) > 0


def test_numbers_come_back_as_they_were_sent() -> None:
    tensors = [torch.randn(2, 3), torch.randn(4)]
    there = [torch.zeros(2, 3), torch.zeros(4)]
    put(flat(tensors), there)
    assert all(torch.equal(a, b) for a, b in zip(tensors, there, strict=True))


@pytest.mark.parametrize("kind", [Lora(), Cartridge([5, 6, 7])])
def test_what_a_worker_is_told_is_what_was_meant(kind: Kind) -> None:
    taught = Taught(((1, 2), (3, 4)), ((-0.1, -2.0), (-0.3, -1.0)), 0.5)
    example = Example((1, 2), (3, 4), 0.5, 2, taught, 1)
    assert example_of(asdict(example)) == example
    assert kind_of(kind.key).key == kind.key
    assert type(kind_of(kind.key)) is type(kind)


def test_keys_of_one_process_are_those_from_before(tiny_model: LocalModel, examples: list[Example]) -> None:
    one, two = SETTINGS, SETTINGS.model_copy(update={"processes": 2})
    assert training_key(tiny_model, examples, one) != training_key(tiny_model, examples, two)
    assert "processes" in one.unkeyed
    assert "processes" not in two.unkeyed


def _trained(model: LocalModel, examples: list[Example], processes: int, kept: Path, kind: Kind = LORA) -> Adapter:
    settings = SETTINGS.model_copy(update={"processes": processes})
    return obtain_adapter(model, examples, settings, silent, kept, kind=kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Lora(), Cartridge([5, 6, 7, 8])])
def test_two_processes_train_what_one_trains(
    kind: Kind, tiny_model: LocalModel, examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    one, two = (_trained(tiny_model, examples, n, tmp_path / str(n), kind) for n in (1, 2))
    losses = [[line["loss"] for line in adapter.training["curve"]] for adapter in (one, two)]
    assert len(losses[0]) == len(losses[1]) > 20
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[0][-1] < losses[0][0]
    weights = [load_file(adapter.folder / WEIGHTS) for adapter in (one, two)]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-3) for name in weights[0])
    assert two.training["calibrated_s"] == two.training["seconds"]
    assert not torch.distributed.is_initialized()


@pytest.mark.slow
def test_a_worker_that_dies_ends_the_training_with_a_sentence_and_it_goes_on(
    tiny_model: LocalModel, examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("finetune.checkpoint.EVERY_S", 0)
    started: list[subprocess.Popen[bytes]] = []
    start = module._start

    def remembered(*arguments: Any) -> "subprocess.Popen[bytes]":
        started.append(start(*arguments))
        return started[-1]

    def kill_in_the_middle(step: str, done: int = 0, total: int = 0) -> None:
        if done == 7:
            started[-1].kill()

    monkeypatch.setattr(module, "_start", remembered)
    two = SETTINGS.model_copy(update={"processes": 2})
    with pytest.raises(TriviumError, match="a process of this training has ended"):
        obtain_adapter(tiny_model, examples, two, kill_in_the_middle, tmp_path / "stopped")
    steps: list[int] = []
    adapter = obtain_adapter(tiny_model, examples, two, lambda s, done=0, total=0: steps.append(done), tmp_path / "on")
    assert min(step for step in steps if step) > 7, "it went on where it was"
    assert all(worker.poll() is not None for worker in started)
    alone = _trained(tiny_model, examples, 1, tmp_path / "alone")
    assert adapter.training["curve"][-1]["loss"] == pytest.approx(alone.training["curve"][-1]["loss"], abs=1e-4)


@pytest.mark.slow
def test_a_worker_that_finds_other_weights_says_so(
    tiny_model: LocalModel, examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny_model, "fingerprint", lambda: "0" * 64)
    with pytest.raises(TriviumError, match="other weights were loaded than in the process that began the training"):
        _trained(tiny_model, examples, 2, tmp_path / "kept")
