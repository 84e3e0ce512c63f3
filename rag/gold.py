"""The oracle's context: the passage that holds the answer. It shows what the base model's reading allows at most."""

from collections.abc import Sequence

from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from rag.chunk import CHUNK_TOKENS, chunk
from rag.context import Context, ContextFacts, TokenCounter


class GoldPassage:
    """Gives each question the chunk with its evidence; without evidence, all chunks of its documents that fit."""

    def __init__(self, chunk_tokens: int = CHUNK_TOKENS, limit: int = 8) -> None:
        self.chunk_tokens, self.limit = chunk_tokens, limit
        self.chunks_: dict[str, list[Passage]] = {}

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        chunks = list(chunk(domain.documents, model, self.chunk_tokens))
        self.chunks_ = {}
        for passage in chunks:
            self.chunks_.setdefault(passage.document_id, []).append(passage)
        return ContextFacts(tuple(chunks))

    def refresh(self, domain: Domain, model: TokenCounter, progress: Progress) -> float | None:
        self.prepare(domain, model, progress)
        return None

    def can_answer(self, question: Question) -> bool:
        """Whether the domain says where the answer stands."""
        return bool(question.document_ids) and question.answerable

    def _gold(self, question: Question) -> list[Passage]:
        candidates = [passage for name in question.document_ids for passage in self.chunks_[name]]
        holding = [p for p in candidates if any(quote in p.text for quote in question.evidence)]
        return (holding or candidates)[: self.limit]

    def contexts(self, questions: Sequence[Question]) -> list[Context]:
        return [Context(tuple(self._gold(question))) for question in questions]
