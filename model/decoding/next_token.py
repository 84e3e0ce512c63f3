"""The next token of each row, from the model's logits and the sampling settings."""

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from model.decoding.refusal import Refusal
from model.sampling import Sampling


def stages(
    logits: Tensor, history: Sequence[int], sampling: Sampling, refusal: Refusal | None = None
) -> list[tuple[str, Tensor]]:
    """The next token's distribution as the model gave it, and after each setting that is in force, in their order.

    Args:
        logits: (vocabulary,).
        history: all tokens so far, prompt included; the repetition penalty looks at them.
        refusal: for the first token of an answer, the decision whether to answer at all.

    Returns:
        (setting, probabilities that sum to 1) pairs. Greedy choice takes the likeliest of the last one.
    """
    line, ids = logits.float()[None], torch.tensor([list(history)], device=logits.device)
    found = [("the model", line.softmax(dim=-1)[0])]
    if refusal:
        line = refusal.steer(line, [0], [()])
        found.append(("refusal", line.softmax(dim=-1)[0]))
    steps: list[tuple[str, bool, Any]] = [
        ("repetition penalty", sampling.repetition_penalty != 1, RepetitionPenaltyLogitsProcessor),
        ("temperature", sampling.temperature not in (0, 1), TemperatureLogitsWarper),
        ("top-k", sampling.top_k > 0, TopKLogitsWarper),
        ("top-p", sampling.top_p < 1, TopPLogitsWarper),
    ]
    for name, in_force, processor in steps:
        if in_force:
            setting = getattr(sampling, name.replace(" ", "_").replace("-", "_"))
            line = processor(setting)(ids, line)
            found.append((name, line.softmax(dim=-1)[0]))
    return found


class Chooser:
    """Picks the next token of each row. Random choices depend on the seed and the row's own number alone.

    Args:
        seeds: one number for each row, beside `sampling.seed`; rows keep theirs whatever batch they are in.
    """

    def __init__(self, sampling: Sampling, seeds: Sequence[int]) -> None:
        self.sampling = sampling
        self.looks_back = sampling.repetition_penalty != 1.0
        self.penalty = RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty)
        self.warpers = LogitsProcessorList()
        if sampling.temperature > 0:
            self.warpers.append(TemperatureLogitsWarper(sampling.temperature))
            if sampling.top_k:
                self.warpers.append(TopKLogitsWarper(sampling.top_k))
            if sampling.top_p < 1:
                self.warpers.append(TopPLogitsWarper(sampling.top_p))
        self.random = [random.Random(f"{sampling.seed} {seed}") for seed in seeds]

    def choose(self, logits: Tensor, rows: Sequence[int], histories: Sequence[Sequence[int]] = ()) -> list[int]:
        """Token ids for `logits` (lines, vocabulary), which belong to `rows`.

        Args:
            histories: all tokens of each line so far; needed where `looks_back`.
        """
        if self.looks_back:
            device = logits.device
            lines = zip(logits, histories, strict=True)
            logits = torch.cat([self.penalty(torch.tensor([ids], device=device), line[None]) for line, ids in lines])
        if not self.sampling.temperature:
            return list(logits.argmax(dim=-1).tolist())
        chances = self.warpers(None, logits.float()).softmax(dim=-1).cumsum(dim=-1)
        drawn = torch.tensor([[self.random[row].random()] for row in rows], device=chances.device)
        # Times the sum, which rounding keeps from being 1: the token found is then always one with some probability.
        found = torch.searchsorted(chances, drawn * chances[:, -1:], right=True)
        return list(found.clamp_(max=chances.shape[1] - 1).squeeze(1).tolist())
