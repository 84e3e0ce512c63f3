"""How long work reports how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called with what is running and how much of it is done; `total` is 0 where it is not known."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None: ...


def silent(step: str, done: int = 0, total: int = 0) -> None:
    """Report nothing."""
