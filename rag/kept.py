"""Context that was made before: a kept index is searched, chosen documents are given again; no document is read."""

from collections.abc import Sequence
from pathlib import Path

from data.errors import TriviumError
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain
from rag.context import ContextFacts, TokenCounter
from rag.embed import Embedder
from rag.index_record import IndexRecord, load_kept
from rag.inject import Injection
from rag.retrieve import Retrieval, SearchBy


class KeptRetrieval(Retrieval):
    """Searches the index that lies in a folder, whatever has become of the documents that it was made from.

    Args:
        embedder: not needed, and not asked, where words alone are searched.
        k: passages in a prompt.
    """

    def __init__(self, embedder: Embedder | None, folder: Path, k: int, search_by: SearchBy) -> None:
        super().__init__(embedder, folder, k, search_by=search_by)

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Load the index; of the domain only the language is used.

        Raises:
            TriviumError: it is not there or not what was written, or it was made by another embedding model.
        """
        try:
            made_from = IndexRecord.load(self.folder).made_from
        except ValueError as error:
            raise self._damaged() from error
        kept = load_kept(self.folder, made_from, self.embedder.fingerprint if self.embedder else "")
        if kept is None:
            raise self._damaged()
        return self._take(*kept, domain.settings.language, reused=True)

    def _damaged(self) -> TriviumError:
        return TriviumError(
            f"{self.folder}: the index is not what was written. Put a copy of it back, or make it again."
        )


class KeptDocuments(Injection):
    """The documents that a run chose for its prompts, in their order."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        super().__init__(seed=0, reserve=0)
        self.passages_ = tuple(passages)

    def prepare(self, domain: Domain, model: TokenCounter, progress: Progress) -> ContextFacts:
        """Nothing is chosen anew."""
        return ContextFacts(self.passages_, {"injected": [passage.document_id for passage in self.passages_]})
