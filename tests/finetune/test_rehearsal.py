"""General questions beside every step: what the base model says to them is asked once and is what training aims at."""

from collections import Counter
from math import exp, log
from pathlib import Path
from typing import Any

import pytest
import torch

from data.progress import silent
from finetune import rehearsal
from finetune.examples import Example
from finetune.rehearsal import kept_rehearsal, obtain_rehearsal, rehearsal_questions
from finetune.settings import TrainingSettings
from finetune.steps import epochs_of
from finetune.train import batch_loss

QUESTIONS = ("Name a spice.", "Why is the sea salty?", "What is a loan?")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_model: Any) -> list[int]:
    """How many prompts the model is given each time; few questions, and a cache of its own."""
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(rehearsal, "rehearsal_questions", lambda: QUESTIONS)
    counts: list[int] = []
    generate = tiny_model.generate

    def counted(prompts: Any, *rest: Any, **named: Any) -> Any:
        counts.append(len(prompts))
        return generate(prompts, *rest, **named)

    monkeypatch.setattr(tiny_model, "generate", counted)
    return counts


def test_there_are_some_hundred_questions_and_none_twice() -> None:
    questions = rehearsal_questions()
    assert len(questions) > 400
    assert Counter(questions).most_common(1)[0][1] == 1
    assert all(question == question.strip() and question for question in questions)


def test_the_aim_is_what_the_model_says(tiny_model: Any, asked: list[int]) -> None:
    examples = obtain_rehearsal(tiny_model, silent).examples
    texts = [tiny_model.tokenizer.decode(example.prompt) for example in examples]
    assert all(any(question in text for text in texts) for question in QUESTIONS)
    for example in examples:
        ids = torch.tensor([[*example.prompt, *example.completion]])
        with torch.no_grad():
            logits = tiny_model.network(input_ids=ids).logits[0, len(example.prompt) - 1 : -1]
        assert example.teacher
        assert example.teacher.share == 1.0
        likeliest = [tokens[0] for tokens in example.teacher.tokens]
        assert likeliest == logits.argmax(-1).tolist()
    kept = [sum(exp(chance) for chance in token) for e in examples if e.teacher for token in e.teacher.chances]
    left_out = sum(-log(chance) for chance in kept) / len(kept)  # all that divides the model from its own likeliest
    assert float(batch_loss(tiny_model, examples, 0)) == pytest.approx(left_out, abs=1e-2)


def test_it_is_asked_once_and_anew_for_another_prompt(
    tiny_model: Any, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept_rehearsal(tiny_model) is None
    first = obtain_rehearsal(tiny_model, silent)
    assert first.record["questions"] == len(first.examples) == sum(asked)
    assert first.record["seconds"] > 0
    assert obtain_rehearsal(tiny_model, silent) == first == kept_rehearsal(tiny_model)
    assert sum(asked) == len(first.examples)
    monkeypatch.setattr(rehearsal, "INSTRUCTION", "Answer in Latin.")
    assert kept_rehearsal(tiny_model) is None


def steps_of(share: float, seed: int = 0, size: int = 4) -> list[list[tuple[int, int]]]:
    """The rehearsed examples of each step, as (kind, number)."""
    own = [Example((1, number), (2,)) for number in range(8)]
    general = [Example((kind, number), (2,), rehearsal=kind) for kind in (1, 2) for number in range(5)]
    settings = TrainingSettings(epochs=10, batch_size=size, rehearsal=share, seed=seed)
    steps = epochs_of([*own, *general], settings)
    assert all(not any(example.rehearsal for example in step.groups[0]) for step in steps)
    return [[e.prompt for group in step.groups[1:] for e in group] for step in steps]  # type: ignore[misc]


@pytest.mark.parametrize(("share", "each"), [(0.0, 0), (0.25, 1), (0.5, 2), (2.0, 8)])
def test_every_step_has_its_share(share: float, each: int) -> None:
    steps = steps_of(share)
    assert len(steps) == 20
    assert [len(step) for step in steps] == [each] * 20


def test_kinds_take_turns_and_all_are_seen_before_one_comes_again() -> None:
    steps = steps_of(0.5)
    assert [{kind for kind, _ in step} for step in steps] == [{1}, {2}] * 10
    for kind in (1, 2):
        seen = [number for step in steps for k, number in step if k == kind]
        assert [sorted(seen[at : at + 5]) for at in range(0, 20, 5)] == [list(range(5))] * 4


def test_the_seed_fixes_which() -> None:
    assert steps_of(0.5) == steps_of(0.5)
    assert steps_of(0.5) != steps_of(0.5, seed=1)
