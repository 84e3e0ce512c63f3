"""How many prompts are answered at once: as many as memory holds, and fewer when it runs out all the same."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from data.errors import TriviumError
from model.memory import free_bytes, is_out_of_memory

MEMORY_SHARE = 0.5  # of the free memory for keys and values; the rest is for everything else
Answered = TypeVar("Answered")


def plan_batches(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Which prompts are read together: sorted by length, so that little is padded. Depends on the list alone."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
    return [order[at : at + batch_size] for at in range(0, len(order), batch_size)]


class Room:
    """What the memory of one device has allowed so far."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._most = sys.maxsize  # prompts at once

    def in_parts(
        self, rows: int, needed: int, answer: Callable[[slice], list[Answered]], tell: Callable[[str], None],
        together: bool = True,
    ) -> list[Answered]:  # fmt: skip
        """What `answer` gives for all rows, in as many parts as memory asks for.

        Args:
            needed: bytes of keys and values of one row.
            tell: called where memory ran out.
            together: whether several rows may be answered at once at all.

        Raises:
            TriviumError: not even one row fits.
        """
        most = min(rows, self._most, int(MEMORY_SHARE * free_bytes(self.device)) // needed) if together else 1
        at_once = max(1, most)
        answers: list[Answered] = []
        while len(answers) < rows:
            try:
                answers += answer(slice(len(answers), len(answers) + at_once))
                continue
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if at_once == 1:
                    raise TriviumError(
                        "not enough memory for a single prompt. Use fewer or shorter passages (--top-k, "
                        "--chunk-tokens), --load-in 4bit, or a smaller model."
                    ) from error
            tried, at_once = at_once, at_once // 2
            self._most = at_once
            self._empty()
            tell(f"memory ran out with {tried} prompts at once; going on with {at_once}")
        return answers

    def tokens(self, each: int, aside: int) -> int:
        """Tokens of `each` bytes that fit into the share for keys and values, `aside` bytes left out of it."""
        return max(1, (int(MEMORY_SHARE * free_bytes(self.device)) - aside) // each)

    def _empty(self) -> None:
        if self.device == "cuda":
            import torch

            torch.cuda.empty_cache()
