"""The oracle's context: the passages that hold the answer. It shows what the base model's reading allows at most."""

from collections.abc import Sequence

from data.gold import GoldPassages
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from rag.chunk import CHUNK_TOKENS, chunk
from rag.context import Context, ContextFacts, TokenCounter


class GoldPassage:
    """Gives each question its gold passages (`data/gold.py`); nothing to a question that has none.

    Args:
        chunk_tokens: longest passage, in tokens of the base model.
        limit: most passages of one question.
    """

    refreshes = "passage"

    def __init__(self, chunk_tokens: int = CHUNK_TOKENS, limit: int = 8) -> None:
        self.chunk_tokens, self.limit = chunk_tokens, limit
        self.chunks_: tuple[Passage, ...] = ()
        self.gold_ = GoldPassages(())

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Cut the documents. `without_gold` in the details: test questions that the oracle cannot be asked."""
        self.chunks_ = tuple(chunk(domain.documents, model, self.chunk_tokens))
        self.gold_ = GoldPassages(self.chunks_)
        missing = [q.id for q in domain.split("test") if q.answerable and not self.can_be_asked(q)]
        return ContextFacts(self.chunks_, {"without_gold": missing})

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        """Cut the changed documents; no seconds, because nobody runs an oracle."""
        self.prepare(domain, model, progress)
        return None

    def can_be_asked(self, question: Question) -> bool:
        """Whether the question has a gold passage."""
        return bool(self.gold_.of(question))

    @property
    def shared(self) -> tuple[Passage, ...]:
        """None: each question has its own."""
        return ()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages of all documents."""
        return self.chunks_

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        """The gold passages of each question, at most `limit`."""
        return [Context(tuple(self.gold_.of(question)[: self.limit])) for question in questions]
