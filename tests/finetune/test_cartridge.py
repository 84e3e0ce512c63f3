"""A prefix starts as what the model reads, is trained without touching a weight, and answers as peft's own would."""

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel

from data.progress import silent
from data.schema import Domain
from finetune.cartridge import Cartridge, first_tokens, read_prefix, switched_on
from finetune.examples import Example, question_examples
from finetune.obtain import obtain_adapter
from finetune.settings import TrainingSettings
from finetune.train import mean_loss, step_gradients
from model.decoding.prefix import SharedPrefix
from model.language_model import Prompt
from model.local import LocalModel
from model.sampling import Sampling

SETTINGS = TrainingSettings(epochs=40, learning_rate=0.2, batch_size=8)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def examples(domain: Domain, tiny_model: Any) -> list[Example]:
    return question_examples(domain, domain.split("train"), tiny_model, 0)


@pytest.fixture
def start(domain: Domain, tiny_model: Any) -> list[int]:
    return first_tokens(domain, tiny_model, 12)


def test_it_starts_as_the_text_read_before_the_prompt(
    tiny_model: Any, examples: list[Example], start: list[int]
) -> None:
    expected = 0.0
    for example in examples:
        ids = torch.tensor([[*start, *example.prompt, *example.completion]])
        labels = torch.tensor([[-100] * (len(start) + len(example.prompt)) + list(example.completion)])
        with torch.no_grad():
            expected += float(tiny_model.network(input_ids=ids, labels=labels).loss) * len(example.completion)
    with Cartridge(start).fresh(tiny_model, SETTINGS):
        loss = mean_loss(tiny_model, [examples])
    assert loss == pytest.approx(expected / sum(len(e.completion) for e in examples), rel=1e-4)


def test_gradients_are_those_of_the_loss(tiny_model: Any, examples: list[Example], start: list[int]) -> None:
    """A step along the gradient changes the loss by its length times the step's."""
    with Cartridge(start).fresh(tiny_model, SETTINGS) as fresh:
        step_gradients(tiny_model, [examples])
        for parameter in fresh.parameters:
            assert parameter.grad is not None
            length = float(parameter.grad.norm())
            direction, losses = parameter.grad / length, []
            for shift in (0.05, -0.1):
                parameter.data += shift * direction
                losses.append(mean_loss(tiny_model, [examples]))
            parameter.data += 0.05 * direction
            assert length == pytest.approx((losses[0] - losses[1]) / 0.1, rel=0.02)


def test_training_lowers_the_loss_and_touches_no_weight(
    tiny_model: Any, examples: list[Example], start: list[int], tmp_path: Path
) -> None:
    before = tiny_model.fingerprint()
    made = obtain_adapter(tiny_model, examples, SETTINGS, silent, tmp_path / "kept", kind=Cartridge(start))
    curve = made.training["curve"]
    assert curve[-1]["loss"] < 0.8 * curve[0]["loss"]
    assert tiny_model.fingerprint() == before
    assert tiny_model.virtual is None
    assert made.training["trained_parameters"] == 2 * 2 * 2 * 11 * 8  # layers, keys and values, heads, tokens, size
    again = obtain_adapter(tiny_model, examples, SETTINGS, silent, tmp_path / "other", kind=Cartridge(start))
    assert again.reused
    assert again.sha256 == made.sha256
    shorter = obtain_adapter(tiny_model, examples, SETTINGS, silent, tmp_path / "short", kind=Cartridge(start[:6]))
    assert not shorter.reused


def test_the_first_token_stays_as_it_was_read(
    tiny_model: Any, examples: list[Example], start: list[int], tmp_path: Path
) -> None:
    made = obtain_adapter(tiny_model, examples, SETTINGS, silent, tmp_path / "kept", kind=Cartridge(start))
    with torch.no_grad():
        read = SharedPrefix.read(tiny_model.network, start)
    trained = read_prefix(made, tiny_model)
    for before, after in zip(read.keys, trained.keys, strict=True):
        torch.testing.assert_close(after[:, :, 0], before[:, :, 0])
        assert not torch.allclose(after[:, :, 5], before[:, :, 5], atol=1e-3)


def test_it_answers_as_peft_does(
    tiny_model: Any, tiny_model_folder: Path, examples: list[Example], start: list[int], tmp_path: Path
) -> None:
    made = obtain_adapter(tiny_model, examples, SETTINGS, silent, tmp_path / "kept", kind=Cartridge(start))
    theirs = LocalModel(str(tiny_model_folder), device="cpu").network
    theirs.set_attn_implementation("eager")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers in a way that it announces to change
        wrapped = PeftModel.from_pretrained(theirs, str(made.folder))
    prompt = Prompt((tiny_model.tokenizer.decode(examples[0].prompt),))
    ids = torch.tensor([[*examples[0].prompt, 7, 8]])
    with torch.no_grad():
        expected = wrapped(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0, -3:]
    with switched_on(tiny_model, made):
        found = tiny_model.answer_logits(prompt, [7, 8])
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_prompts_are_answered_behind_it_in_batches_and_alone(
    tiny_model: Any, domain: Domain, examples: list[Example], start: list[int], tmp_path: Path
) -> None:
    made = obtain_adapter(tiny_model, examples, SETTINGS, silent, tmp_path / "kept", kind=Cartridge(start))
    prompts = [Prompt((tiny_model.tokenizer.decode(example.prompt),)) for example in examples]
    plain = [tiny_model.generate_one(prompt, Sampling())[0].text for prompt in prompts]
    with switched_on(tiny_model, made):
        shared = tiny_model.prefix_of(prompts)
        (batch,) = tiny_model.generate(prompts, Sampling(), shared)
        answers = dict(batch)
        for place, prompt in enumerate(prompts):
            for prefix in (shared, ()):
                alone, _ = tiny_model.generate_one(prompt, Sampling(), prefix)
                assert alone.text == answers[place].text
                assert alone.prompt_tokens == len(start) + len(examples[place].prompt)
                assert alone.cached_tokens == len(start) + len(prefix)
        chance = tiny_model.chances(prompts[:1], [7], shared)[0]
        logits = tiny_model.answer_logits(prompts[0], [])
        assert chance == pytest.approx(float(logits.softmax(-1)[0, 7]), rel=1e-3)
    assert [tiny_model.generate_one(prompt, Sampling())[0].text for prompt in prompts] == plain
    assert [answers[place].text for place in range(len(prompts))] != plain
