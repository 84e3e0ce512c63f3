"""A system at an address, whatever it is: it gets a question and replies, or fails with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from evaluation.contest.address import Kind, kind_of
from evaluation.contest.reply import Reply


@dataclass(frozen=True)
class Request:
    """One question with what all methods are told about answering."""

    id: str  # for files of answers; never sent
    question: str
    instruction: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Limits:
    """How long one answer may take, in seconds, and how many questions are asked at once."""

    seconds: float = 60.0
    at_once: int = 4


class Failure(Exception):
    """A question was not answered.

    Args:
        reason: in words, without a full stop.
        again: whether asking again can help.
        wait: seconds that the system asked to be left alone.
        gone: whether the system as a whole is not there, so that no other question can be answered either.

    `place` is that of the question among those asked, where many were.
    """

    place = 0

    def __init__(self, reason: str, again: bool = False, wait: float = 0.0, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.again, self.wait, self.gone = reason, again, wait, gone


class System(Protocol):
    """Something that answers questions. Called from several threads at once."""

    def ready(self) -> None:
        """See that it is there, without asking anything. Raises Failure."""

    def ask(self, request: Request) -> Reply:
        """One answer. Raises Failure."""

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        """Those of which is known beforehand that it cannot answer them."""

    def close(self) -> None:
        """End what it needs here."""


# How a system is asked -> the class that does it, imported when it is first used; called with name, address, limits.
SYSTEMS: dict[Kind, str] = {
    "http": "evaluation.contest.over_http:HttpSystem",
    "chat": "evaluation.contest.chat:ChatSystem",
    "python": "evaluation.contest.function:FunctionSystem",
    "file": "evaluation.contest.answer_file:AnswerFile",
}


def open_system(name: str, address: str, limits: Limits) -> System:
    """The system of this name at a recorded address.

    Raises:
        TriviumError: the address leads nowhere, as far as that can be seen without asking.
    """
    module, _, kind = SYSTEMS[kind_of(address)].partition(":")
    made: Any = getattr(import_module(module), kind)
    system: System = made(name, address, limits)
    return system
