"""Training a reader: steps, the early stop, and an adapter that a model can be loaded with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from data.cache_entry import sha256_of
from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from finetune.examples import Example
from finetune.reader import closed_book_examples, steps_of, train_reader
from finetune.reader_examples import Mixture, Reading, ReadingMaker
from model.language_model import Prompt
from model.local import LocalModel
from model.sampling import Sampling


def _groups(*sizes: int) -> list[list[Example]]:
    return [[Example((number, n), (1,)) for n in range(size)] for number, size in enumerate(sizes)]


def test_steps_hold_whole_groups() -> None:
    groups = _groups(4, 1, 3, 2, 4, 4, 1)
    steps = steps_of(groups, 6, seed=0)
    assert all(sum(map(len, step.groups)) >= 6 for step in steps[:-1])
    assert sorted(group[0].prompt[0] for step in steps for group in step.groups) == list(range(7))
    assert steps == steps_of(groups, 6, seed=0)


def test_closed_book_targets_are_what_the_model_says(domain: Domain, tiny_model: Any) -> None:
    before = tiny_model.fingerprint()
    examples = closed_book_examples(tiny_model, domain.split("test")[:3], 0, silent)
    assert len(examples) == 3
    for example in examples:
        text = tiny_model.tokenizer.decode(example.prompt)
        assert "flag of Harbour" in text
        said, _ = tiny_model.generate_one(Prompt((text,)), Sampling())
        end = [] if said.finish_reason == "length" else [0]
        assert list(example.completion) == tiny_model.encode(said.text) + end
    assert tiny_model.fingerprint() == before


@pytest.fixture
def readings(domain: Domain, make_maker: Callable[[Domain, Mixture], ReadingMaker]) -> list[Reading]:
    asked = [question for question in domain.split("test") if question.document_ids]
    return make_maker(domain, Mixture()).readings(asked, "seed")


def test_a_model_can_be_loaded_with_the_reader(
    readings: list[Reading], domain: Domain, tiny_model: Any, tmp_path: Path
) -> None:
    before = tiny_model.fingerprint()
    out = tmp_path / "reader"
    closed = domain.split("test")[:2]
    record = train_reader(tiny_model, readings * 60, readings, closed, Mixture(), 0, out, silent, refuse_above=0.0)
    assert tiny_model.fingerprint() == before
    assert record == json.loads((out / "reader.json").read_text())
    assert record["sha256"] == sha256_of(out / "adapter_model.safetensors")
    assert record["bytes"] == (out / "adapter_model.safetensors").stat().st_size
    assert record["kept_out"][-1]["loss"] < record["curve"][0]["loss"]
    read = LocalModel(str(out), device="cpu")
    assert read.plain_name == tiny_model.name
    assert read.fingerprint() != before
    prompt = read.render(readings[0].messages()[0])
    refusal = "unknown"
    assert read.generate_one(prompt, Sampling())[0].text.startswith(refusal), "as the reader was made"
    asked = Sampling(refuse_above=1.0)
    assert not read.generate_one(prompt, asked)[0].text.startswith(refusal), "as it is asked for"


def test_the_same_seed_gives_the_same_adapter(readings: list[Reading], tiny_model: Any, tmp_path: Path) -> None:
    digests = [
        train_reader(tiny_model, readings, [], (), Mixture(), seed, tmp_path / str(n), silent)["sha256"]
        for n, seed in enumerate((0, 0, 1))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_a_stopped_training_goes_on(
    readings: list[Reading], tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("finetune.checkpoint.EVERY_S", 0.0)
    monkeypatch.setattr("finetune.early_stop.EVERY", 2)
    steps: list[int] = []

    def stopped(what: str, done: int = 0, total: int = 0) -> None:
        if what.startswith("training, loss"):
            steps.append(done)
            if done == 3:
                raise KeyboardInterrupt

    def seen(what: str, done: int = 0, total: int = 0) -> None:
        if what.startswith("training, loss"):
            steps.append(done)

    straight = train_reader(tiny_model, readings * 30, readings, (), Mixture(), 0, tmp_path / "straight", silent)
    assert [path.suffix for path in (tmp_path / "cache" / "readers").iterdir()] == [".lock"], (
        "nothing else is left of a finished training"
    )
    with pytest.raises(KeyboardInterrupt):
        train_reader(tiny_model, readings * 30, readings, (), Mixture(), 0, tmp_path / "twice", stopped)
    assert not (tmp_path / "twice").exists()
    again = train_reader(tiny_model, readings * 30, readings, (), Mixture(), 0, tmp_path / "twice", seen)
    assert steps == list(range(1, straight["steps"] + 1)), "no step twice"
    assert again["sha256"] == straight["sha256"]
    assert again["kept_out"] == straight["kept_out"]
    assert again["curve"] == straight["curve"]


def test_products_in_half_precision(readings: list[Reading], tiny_model: Any, tmp_path: Path) -> None:
    full, half = (
        train_reader(tiny_model, readings * 30, readings, (), Mixture(), 0, tmp_path / str(h), silent, h)
        for h in (False, True)
    )
    assert half["half_precision"]
    assert half["sha256"] != full["sha256"]
    for one, other in zip(half["curve"], full["curve"], strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=0.03)  # a bfloat16 has 8 bits of a number
    assert LocalModel(str(tmp_path / "True"), device="cpu").network.dtype is torch.float32


def test_nothing_to_train_on_is_told(tiny_model: Any, tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no question"):
        train_reader(tiny_model, [], [], (), Mixture(), 0, tmp_path / "r", silent)
