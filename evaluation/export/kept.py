"""A method as a run keeps it: its record and where its files lie. From these it answers, without the domain."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.progress import Progress
from data.prompt import Passage
from evaluation.export.record import MethodRecord
from evaluation.run.methods import Method
from evaluation.run.preparing import Parts, TrainedAdapter, TrainedPrefix
from finetune.adapter import read_adapter
from model.language_model import LanguageModel
from rag.context import ContextSource
from rag.embed import Embedder
from rag.kept import KeptDocuments, KeptRetrieval


@dataclass(frozen=True)
class KeptMethod:
    """What one method of a finished run left."""

    record: MethodRecord
    folder: Path  # of the run or of the export
    index: Path | None = None
    adapter: Path | None = None
    documents: tuple[Passage, ...] | None = None  # that stand in every prompt

    @property
    def name(self) -> str:
        return self.record.method

    @property
    def embeds(self) -> bool:
        """Whether a question is embedded to answer it."""
        return self.record.embedder is not None

    def ready(self, model: LanguageModel, embedder: Callable[[], Embedder], progress: Progress) -> Method:
        """The method, ready to be asked: index and adapter read, the shared part of its prompts read ahead.

        Raises:
            TriviumError: a file of it is not what was written.
        """
        settings = self.record.run_settings(self.folder)
        method = Method(self.name, settings, self.folder, (), embedder, self.record.seed)
        method.prepare(self.record.empty_domain(self.folder), model, progress, self._parts(embedder))
        return method

    def _parts(self, embedder: Callable[[], Embedder]) -> Parts:
        trained = None
        if self.adapter:
            adapter = read_adapter(self.adapter, reused=True)
            kind = TrainedPrefix if self.record.trained == "prefix" else TrainedAdapter
            trained = kind(adapter, "", {"training": adapter.training})
        return Parts(self._source(embedder), trained)

    def _source(self, embedder: Callable[[], Embedder]) -> ContextSource | None:
        if self.documents is not None:
            return KeptDocuments(self.documents)
        if self.index is None:
            return None
        settings = self.record.run_settings(self.folder)
        return KeptRetrieval(embedder() if self.embeds else None, self.index, settings.top_k, settings.search_by)
