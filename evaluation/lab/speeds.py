"""How fast the same questions are answered one at a time, with a cached prefix, and in a batch."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from data.schema import Question
from evaluation.lab.playground import Playground
from model.language_model import Prompt
from model.sampling import Sampling


def speeds(ground: Playground, name: str, questions: Sequence[str], sampling: Sampling) -> list[dict[str, Any]]:
    """The same questions alone with nothing cached, alone with the shared prefix cached, and in one batch.

    Returns:
        For each way its seconds a question and how many answers are those of the first way.
    """
    method = ground.method(name)
    asked = [Question(id=f"asked-{n}", question=text, answers=()) for n, text in enumerate(questions)]
    prompts = [prompt.text for prompt in method.trace(asked)]
    ways: list[tuple[str, Callable[[], list[str]]]] = [
        ("one at a time, nothing cached", lambda: [_alone(ground, p, sampling, ()) for p in prompts]),
        ("one at a time, shared prefix cached", lambda: [_alone(ground, p, sampling, method.prefix_) for p in prompts]),
        ("in one batch, shared prefix cached", lambda: _batch(ground, prompts, sampling, method.prefix_)),
    ]
    rows: list[dict[str, Any]] = []
    first: list[str] = []
    with method.weights():
        for way, answer in ways:
            started = time.perf_counter()
            answers = answer()
            seconds = (time.perf_counter() - started) / len(prompts)
            first = first or answers
            same = sum(a == b for a, b in zip(first, answers, strict=True))
            rows.append({"way": way, "seconds": seconds, "same": same, "of": len(prompts)})
    return rows


def _alone(ground: Playground, prompt: Prompt, sampling: Sampling, prefix: Sequence[int]) -> str:
    return ground.model.generate_one(prompt, sampling, prefix)[0].text


def _batch(ground: Playground, prompts: list[Prompt], sampling: Sampling, prefix: Sequence[int]) -> list[str]:
    found = {i: answer.text for batch in ground.model.generate(prompts, sampling, prefix) for i, answer in batch}
    return [found[i] for i in range(len(prompts))]
