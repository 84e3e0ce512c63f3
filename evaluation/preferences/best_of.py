"""Best of n: the road without training. Several answers are sampled, and a reward model takes the best."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from data.progress import Progress
from evaluation.preferences.asking import Answered, answered, said_to
from evaluation.preferences.reward import reward_model, rewards_of
from evaluation.preferences.training import Bench, bench_of, token_pairs
from evaluation.results.preference import PreferenceChange, RewardModel
from model.language_model import Trainable, need
from model.speed import speedometer


def best_of(
    run: Path, name: str, by: str, n: int, temperature: float, seed: int, limit: int, progress: Progress
) -> tuple[RewardModel, PreferenceChange | None]:
    """Fit a reward model on what was ranked; with n above 1 also answer held-out questions by best of n.

    The first of the n answers is the method's own.

    Raises:
        TriviumError: there are too few preferences, no held-out questions, or the model shows no hidden states.
    """
    bench = bench_of(run, name, by, limit, progress)
    model = need(bench.ground.model, Trainable, "a reward model")
    meter = speedometer(model.device)
    began = meter.now()
    tokens = token_pairs(bench.method, bench.pairs)
    figures, head = reward_model(model, name, bench.pairs, tokens, by, seed, progress)
    ended = meter.now()
    if n < 2:
        return figures, None
    before = answered(bench.method, bench.method.weights, bench.asked, bench.grader, progress)
    drawn = [before.texts, *(_drawn(bench, temperature, seed * n + place, progress) for place in range(1, n))]
    after = _chosen(bench, model, head, before, drawn, progress)
    settings: dict[str, int | float] = {"answers": n, "temperature": temperature, "seed": seed}
    clock, quiet = ended.clock - began.clock, meter.calibrated(began, ended)
    training = {"seconds": clock, "calibrated_s": quiet, "steps": 0, "read_tokens": 0}
    return figures, bench.change(before, after, None, settings, training, by, best_of=n)


def _drawn(bench: Bench, temperature: float, seed: int, progress: Progress) -> tuple[str, ...]:
    """One sampled answer to each held-out question."""
    method = bench.method
    sampling = method.sampling_.model_copy(update={"temperature": temperature, "seed": seed})
    prompts = [prompt.text for prompt in method.trace(bench.asked)]
    with method.weights():
        return tuple(said_to(method, prompts, method.prefix_, sampling, "sampling held-out answers", progress))


def _chosen(
    bench: Bench, model: Trainable, head: Tensor, before: Answered, drawn: list[tuple[str, ...]], progress: Progress
) -> Answered:
    """The answer with the highest reward to each question; the first of equals.

    General questions and plain text are not asked of best of n, so nothing is said of them.
    """
    prompts = [prompt.text for prompt in bench.method.trace(bench.asked)]
    said = [text for one in drawn for text in one]
    rewards = rewards_of(model, head, prompts * len(drawn), said, progress).reshape(len(drawn), len(prompts))
    best = torch.argmax(rewards, dim=0).tolist()
    taken = tuple(drawn[round_][place] for place, round_ in enumerate(best))
    grades = bench.grader.grade(list(zip(bench.asked, taken, strict=True)), progress)
    return replace(before, texts=taken, grades=tuple(one.grade for one in grades), general=(), perplexity=None)
