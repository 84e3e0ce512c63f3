"""How long-running work reports progress."""

from typing import Protocol


class Progress(Protocol):
    """Called with what is running and how much of it is done; `total` is 0 where it is not known."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None: ...


class ScopedProgress(Progress, Protocol):
    """Progress of a run, which also says whose step it is and what should stay in sight."""

    scope: str  # the method at work; stands before each step

    def note(self, text: str) -> None:
        """Say something that stays in sight."""


def silent(step: str, done: int = 0, total: int = 0) -> None:
    """Report nothing."""
