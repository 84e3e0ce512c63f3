"""Batches of a list of prompts, which another process may answer: with the same weights the answers are the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from model.language_model import Generation, Prompt
from model.sampling import Sampling


@dataclass(frozen=True)
class Batch:
    """Prompts that are answered together. Which ones depends on the list that was asked alone."""

    number: int
    places: list[int]  # of its prompts in that list; the seeds of what is drawn
    rows: list[list[int]]  # token ids
    shared: int  # tokens that all prompts of the list begin with and that are read once


@runtime_checkable
class Planning(Protocol):
    """Capability: the batches of a list of prompts are known before they are answered."""

    def planned(
        self, prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int], batch_size: int,
        done: frozenset[int],
    ) -> Iterator[Batch]:  # fmt: skip
        """The batches that `generate` answers, in its order.

        Raises:
            TriviumError: a prompt leaves no room for the answer in the model's window.
        """
        ...

    def answer_batch(self, batch: Batch, sampling: Sampling) -> list[tuple[int, Generation]]:
        """Answers with the weights that are switched on, each with the place of its prompt."""
        ...
