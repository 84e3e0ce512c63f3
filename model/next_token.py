"""The next token of each row, from the model's logits and the sampling settings."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from model.sampling import Sampling


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
