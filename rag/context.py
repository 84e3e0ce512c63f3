"""What a method adds to the prompt, and what finding it took."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question

DEPTH = 10  # passages of a ranking that are kept, to see how well the retriever ranks


@dataclass(frozen=True)
class Context:
    """Passages for one question, in the order of the prompt. Seconds are those of this question alone."""

    passages: tuple[Passage, ...]
    seconds: float = 0.0
    ranking: tuple[Passage, ...] = ()  # that the passages were taken from, best first; of retrieval alone


@dataclass(frozen=True)
class ContextFacts:
    """What preparing a context source made and measured."""

    chunks: tuple[Passage, ...] = ()  # everything that can appear in a prompt
    details: dict[str, Any] = field(
        default_factory=dict
    )  # for the run's record; `seconds`, `disk_bytes` where measured


class TokenCounter(Protocol):
    """What a context source needs to know of the base model."""

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together."""

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has by itself."""


class ContextSource(Protocol):
    """Where the passages of a prompt come from."""

    refreshes: str  # what follows changed documents, in one word: prompt, index, passage

    @property
    def shared(self) -> tuple[Passage, ...]:
        """The passages of every prompt; none where each question has its own."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Everything that can appear in a prompt now."""

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Read the documents. Comes before everything else."""

    def can_be_asked(self, question: Question) -> bool:
        """Whether there is anything to give to this question; a search can be asked anything."""

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        """The passages of each question's prompt, in the order of the questions."""

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        """Take in documents that changed. Returns the median seconds for one, None where no single one is taken in."""
