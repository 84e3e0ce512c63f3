"""An adapter changes answers only while it is switched on; the same training gives the same adapter, once."""

from typing import Any

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from finetune import adapter as adapters
from finetune.adapter import WEIGHTS, obtain_adapter, read_adapter, switched_on, training_key
from finetune.examples import training_examples
from finetune.settings import TrainingSettings
from model.base import BaseModel
from model.sampling import Sampling

SETTINGS = TrainingSettings(rank=4, epochs=10, learning_rate=1e-2, batch_size=4)


def _answer(model: BaseModel) -> str:
    prompt = "<|system|>Answer.<|end|><|user|>Which flag?<|end|><|assistant|>"
    ((_, generation),) = next(
        model.generate([prompt], Sampling(max_new_tokens=8, stop=()), prefix=model.encode(prompt)[:-2])
    )
    return generation.text


def test_on_and_off(domain: Domain, tiny_model: BaseModel) -> None:
    _, examples = training_examples(domain, None, tiny_model, 0)
    fingerprint, before = tiny_model.fingerprint(), _answer(tiny_model)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent)
    assert _answer(tiny_model) == before, "a trained adapter that is not switched on changes nothing"
    with switched_on(tiny_model, trained):
        assert _answer(tiny_model) != before
        assert tiny_model.fingerprint() == fingerprint
    assert _answer(tiny_model) == before
    assert tiny_model.fingerprint() == fingerprint
    assert tiny_model.adapter == ""


def test_the_same_training_gives_the_same_bits_and_is_not_repeated(
    domain: Domain, tiny_model: BaseModel, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, examples = training_examples(domain, None, tiny_model, 0)
    first = obtain_adapter(tiny_model, examples, SETTINGS, silent)
    again = obtain_adapter(tiny_model, examples, SETTINGS, silent)
    assert (first.reused, again.reused) == (False, True)
    assert again.training["seconds"] == first.training["seconds"]
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path_factory.mktemp("other")))
    elsewhere = obtain_adapter(tiny_model, examples, SETTINGS, silent)
    assert not elsewhere.reused
    assert elsewhere.sha256 == first.sha256
    other_seed = obtain_adapter(tiny_model, examples, SETTINGS.model_copy(update={"seed": 1}), silent)
    assert other_seed.sha256 != first.sha256


def test_the_key_follows_data_and_settings(domain: Domain, tiny_model: BaseModel) -> None:
    _, examples = training_examples(domain, None, tiny_model, 0)
    key = training_key(tiny_model, examples, SETTINGS)
    assert training_key(tiny_model, examples, SETTINGS) == key
    assert training_key(tiny_model, examples[1:], SETTINGS) != key
    assert training_key(tiny_model, examples, SETTINGS.model_copy(update={"epochs": 11})) != key


def test_a_changed_adapter_is_refused(domain: Domain, tiny_model: BaseModel) -> None:
    _, examples = training_examples(domain, None, tiny_model, 0)
    trained = obtain_adapter(tiny_model, examples, SETTINGS, silent)
    content = bytearray((trained.folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (trained.folder / WEIGHTS).write_bytes(content)
    with pytest.raises(TriviumError, match="has changed since it was trained"):
        read_adapter(trained.folder, reused=True)


def test_a_training_that_fails_leaves_nothing_behind(
    domain: Domain, tiny_model: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, examples = training_examples(domain, None, tiny_model, 0)
    fingerprint = tiny_model.fingerprint()

    def fail(*args: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(adapters, "train", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        obtain_adapter(tiny_model, examples, SETTINGS, silent)
    assert not list(adapters.cache_folder().glob("adapters/*"))
    assert tiny_model.fingerprint() == fingerprint


def test_nothing_to_train_on_is_said(tiny_model: BaseModel) -> None:
    with pytest.raises(TriviumError, match="nothing to train on"):
        obtain_adapter(tiny_model, [], SETTINGS, silent)
