"""A process that answers elsewhere gives what the model itself gives, with what was trained and without."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from evaluation.run.answerer import Answerer, Given, planning
from evaluation.run.preparing import TrainedAdapter
from finetune.examples import Example
from finetune.obtain import obtain_adapter
from finetune.settings import TrainingSettings
from model.batch import Batch
from model.local import LocalModel
from model.options import ModelOptions
from model.sampling import Sampling
from model.scripted import read_scripted

SAMPLING = Sampling(max_new_tokens=5)
TEXTS = ("Which animal is on the flag of Harbour0?", "Which?", "Which animal is on the flag, and why is it there?")


def _batches(model: LocalModel) -> list[Batch]:
    prompts = [model.render([{"role": "user", "content": text}]) for text in TEXTS]
    return list(planning(model).planned(prompts, SAMPLING, model.prefix_of(prompts), 2, frozenset()))


def _said(answers: list[tuple[int, Any]]) -> list[tuple[Any, ...]]:
    return [(place, a.text, a.finish_reason, a.prompt_tokens, a.cached_tokens, a.batch) for place, a in answers]


@pytest.fixture
def given(tiny_model: LocalModel) -> Given:
    return Given(tiny_model.name, dict(tiny_model.identity()), SAMPLING, ())


@pytest.fixture
def answerer() -> Answerer:
    import torch

    return Answerer(ModelOptions("cpu"), torch.get_num_threads())


def test_a_batch_is_answered_as_by_the_model(tiny_model: LocalModel, answerer: Answerer, given: Given) -> None:
    batches = _batches(tiny_model)
    assert [batch.places for batch in batches] == [[1, 0], [2]]
    done = [answerer.answer(given, batch) for batch in batches]
    assert [_said(one.answers) for one in done] == [_said(tiny_model.answer_batch(b, SAMPLING)) for b in batches]
    assert all(answer.slowdown is not None and answer.seconds > 0 for one in done for _, answer in one.answers)
    assert all(one.processor_s > 0 for one in done)


def test_an_adapter_that_is_sent_is_switched_on_and_off_again(
    tiny_model: LocalModel, answerer: Answerer, given: Given, tmp_path: Path
) -> None:
    settings = TrainingSettings(epochs=3, learning_rate=0.05)
    examples = [Example(tiny_model.encode(text), tiny_model.encode(" otter")) for text in TEXTS]
    adapter = obtain_adapter(tiny_model, examples, settings, lambda *_: None, tmp_path / "adapter")
    trained = TrainedAdapter(adapter, "wordings")
    files = {path.name: path.read_bytes() for path in adapter.folder.iterdir()}
    batch = _batches(tiny_model)[0]
    plain = tiny_model.answer_batch(batch, SAMPLING)
    with trained.switched_on(tiny_model, True):
        taught = tiny_model.answer_batch(batch, SAMPLING)
    assert _said(plain) != _said(taught)
    asked = (given, replace(given, trained=trained, files=files), given)
    assert [_said(answerer.answer(one, batch).answers) for one in asked] == [_said(plain), _said(taught), _said(plain)]


def test_an_adapter_that_changed_on_its_way_is_refused(
    tiny_model: LocalModel, answerer: Answerer, given: Given, tmp_path: Path
) -> None:
    examples = [Example(tiny_model.encode(text), tiny_model.encode(" otter")) for text in TEXTS]
    adapter = obtain_adapter(tiny_model, examples, TrainingSettings(epochs=1), lambda *_: None, tmp_path / "adapter")
    files = {path.name: path.read_bytes() for path in adapter.folder.iterdir()}
    files["adapter_model.safetensors"] = files["adapter_model.safetensors"][:-1] + b"\7"
    sent = replace(given, trained=TrainedAdapter(adapter, "wordings"), files=files)
    with pytest.raises(TriviumError, match="has changed since it was trained"):
        answerer.answer(sent, _batches(tiny_model)[0])


def test_other_weights_under_the_same_name_are_refused(
    tiny_model: LocalModel, answerer: Answerer, given: Given
) -> None:
    other = replace(given, identity={**given.identity, "weights": "0" * 64})
    with pytest.raises(TriviumError, match=r"is another one \(weights\)"):
        answerer.answer(other, _batches(tiny_model)[0])


def test_a_model_without_weights_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text('{"question": "Which?", "answer": "otter"}\n', encoding="utf-8")
    with pytest.raises(TriviumError, match="has no weights that another process could load"):
        planning(read_scripted(str(tmp_path / "answers.jsonl"), ModelOptions()))
