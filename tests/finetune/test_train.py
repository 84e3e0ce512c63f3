"""The loss is the plain one, with or without a shared prefix, and training lowers it."""

from typing import Any

import pytest
import torch

from data.progress import silent
from data.schema import Domain
from finetune.adapter import lora_config
from finetune.examples import Example, training_examples
from finetune.settings import TrainingSettings
from finetune.steps import Step, epochs_of
from finetune.train import _rate, batch_loss, mean_loss, step_gradients, train
from model.decoding.prefix import common_prefix
from rag.chunk import chunk


def _adapter(model: Any, settings: TrainingSettings) -> list[torch.nn.Parameter]:
    torch.manual_seed(0)
    model.network.add_adapter(lora_config(settings), adapter_name="test")
    parameters = [p for name, p in model.network.named_parameters() if ".test." in name]
    for number, parameter in enumerate(parameters):
        parameter.requires_grad_(True)
        torch.nn.init.normal_(parameter, std=0.05, generator=torch.Generator().manual_seed(number))
    return parameters


def _plain_loss(model: Any, examples: list[Example]) -> torch.Tensor:
    """One example at a time with the library's own loss, weighted by its tokens."""
    total, tokens = torch.zeros(()), 0
    for example in examples:
        ids = torch.tensor([[*example.prompt, *example.completion]])
        labels = torch.tensor([[-100] * len(example.prompt) + list(example.completion)])
        total = total + model.network(input_ids=ids, labels=labels).loss * len(example.completion)
        tokens += len(example.completion)
    return total / tokens


def test_loss_and_gradients_equal_those_of_the_library(domain: Domain, tiny_model: Any) -> None:
    parameters = _adapter(tiny_model, TrainingSettings(rank=4))
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    shared = common_prefix([example.prompt for example in examples])
    assert shared > 10
    expected = _plain_loss(tiny_model, examples)
    gradients = torch.autograd.grad(expected, parameters)
    for prefix in (0, shared):
        loss = batch_loss(tiny_model, examples, prefix)
        torch.testing.assert_close(loss, expected, atol=1e-5, rtol=1e-5)
        found = torch.autograd.grad(loss, parameters)
        for a, b in zip(found, gradients, strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-3)


def test_training_learns_its_examples(domain: Domain, tiny_model: Any) -> None:
    settings = TrainingSettings(rank=8, epochs=30, learning_rate=1e-2, batch_size=2)
    parameters = _adapter(tiny_model, settings)
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    measured = train(tiny_model, parameters, epochs_of(examples, settings), settings, silent)
    losses = [point["loss"] for point in measured["curve"]]
    assert len(losses) == measured["steps"] == 30 * 3
    assert sum(losses[-6:]) < 0.2 * sum(losses[:6])
    assert measured["examples"] == 5


def test_groups_of_a_step_give_the_gradients_of_one_batch(domain: Domain, tiny_model: Any) -> None:
    parameters = _adapter(tiny_model, TrainingSettings(rank=4))
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    expected = _plain_loss(tiny_model, examples)
    gradients = torch.autograd.grad(expected, parameters)
    groups = [examples[:1], examples[1:3], examples[3:]]
    assert step_gradients(tiny_model, groups) == pytest.approx(expected.item(), rel=1e-5)
    assert mean_loss(tiny_model, groups) == pytest.approx(expected.item(), rel=1e-5)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=1e-5, rtol=1e-3)


def test_a_training_ends_when_it_is_told_to(domain: Domain, tiny_model: Any) -> None:
    settings = TrainingSettings(rank=4, batch_size=2)
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    steps = [Step(1, [examples[:2]]), Step(1, [examples[2:4]]), Step(1, [examples[4:]])]
    parameters = _adapter(tiny_model, settings)
    measured = train(tiny_model, parameters, steps, settings, silent, lambda step, line: step == 2)
    assert (measured["steps"], measured["examples"]) == (2, 4)


def test_every_epoch_sees_every_example_once() -> None:
    examples = [Example((1, n), (2,)) for n in range(37)]
    settings = TrainingSettings(epochs=2, batch_size=4)
    seen: dict[int, list[int]] = {}
    for step in epochs_of(examples, settings):
        seen.setdefault(step.epoch, []).extend(example.prompt[1] for batch in step.groups for example in batch)
    assert [sorted(numbers) for numbers in seen.values()] == [list(range(37))] * 2
    assert seen[1] != seen[2]


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [_rate(step, 100, TrainingSettings(warmup=0.1)) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_each_context_is_read_once_and_spread_over_the_steps() -> None:
    alone = [Example((1, number), (2,)) for number in range(8)]
    contexts = [[Example((3, number, at), (2,), context=number) for at in range(2)] for number in (1, 2, 3)]
    steps = epochs_of([*alone, *(e for c in contexts for e in c)], TrainingSettings(epochs=3, batch_size=4))
    assert len(steps) == 6
    assert [len(step.groups) for step in steps] == [2, 1, 2, 1, 2, 1]
    assert [step.groups[1] for step in steps[::2]] == contexts
    seen = [example for step in steps for example in step.groups[0]]
    assert sorted(e.prompt for e in seen) == sorted(e.prompt for e in alone * 3)


def test_contexts_alone_are_a_step_each() -> None:
    contexts = [[Example((3, number, at), (2,), context=number) for at in range(2)] for number in (1, 2)]
    assert [step.groups for step in epochs_of([e for c in contexts for e in c], TrainingSettings())] == [
        [contexts[0]], [contexts[1]]
    ]  # fmt: skip
