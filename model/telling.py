"""Answers for those who wait: tokens of a batch are told as they come, and a row can be left before its end."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from model.language_model import Generation, Prompt
from model.sampling import Sampling

# (row, token id), called for each new token; True: nobody waits for this row any more
OnToken = Callable[[int, int], "bool | None"]


@runtime_checkable
class Telling(Protocol):
    """Capability: tokens of a batch are told as they come."""

    def generate_telling(
        self, prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int], on_token: OnToken
    ) -> list[Generation]:
        """Answer prompts as one batch, each as if it were asked alone: what is drawn depends on the seed alone.

        Raises:
            TriviumError: a prompt leaves no room for the answer in the model's window.
        """
        ...

    def answer_text(self, ids: Sequence[int], sampling: Sampling) -> str:
        """The text of an answer of these tokens, up to a stop sequence."""
        ...


class ToldOnce:
    """Each token is told once, though rows are answered again where memory ran out."""

    def __init__(self, on_token: OnToken) -> None:
        self.on_token, self._told = on_token, Counter[int]()

    def part(self, first: int) -> OnToken:
        """For the rows from `first` on, answered from their beginning."""
        seen = Counter[int]()

        def tell(row: int, token: int) -> bool | None:
            seen[row] += 1
            if seen[row] <= self._told[first + row]:
                return None
            self._told[first + row] += 1
            return self.on_token(first + row, token)

        return tell
