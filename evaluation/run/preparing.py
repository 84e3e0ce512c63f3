"""What each of Trivium's own methods is made of: where its passages come from, and what was trained for it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from data.progress import Progress
from data.schema import Domain, Question
from evaluation.run.settings import RunSettings
from finetune.adapter import Adapter, obtain_adapter, switched_on
from finetune.examples import training_examples
from model.language_model import LanguageModel, Trainable, need
from rag.chunk import chunk
from rag.context import ContextSource
from rag.embed import Embedder
from rag.gold import GoldPassage
from rag.inject import Injection
from rag.retrieve import Retrieval

_LEAST_FRAME = 128  # tokens kept free for instruction, chat mark-up and headings, however short they are


@dataclass(frozen=True)
class Setup:
    """What a method may be made from."""

    domain: Domain
    model: LanguageModel
    settings: RunSettings
    folder: Path  # of the run; index and adapter are kept below it
    training: Sequence[Question]  # wordings that fine-tuning may see; none: it learns from the documents' text
    seed: int  # of the training
    embedder: Callable[[], Embedder]  # loaded when it is first called
    progress: Progress


class Trained(Protocol):
    """Weights beside the base model that a method answers with."""

    @property
    def sha256(self) -> str: ...
    @property
    def details(self) -> dict[str, Any]:
        """For run.json; `details["training"]["seconds"]` is what training took."""

    def switched_on(self, model: LanguageModel, merged: bool) -> AbstractContextManager[None]:
        """While this is open, the model answers with these weights, if `merged` added to its own."""


@dataclass(frozen=True)
class Parts:
    """What a method adds to the base model and the one prompt."""

    source: ContextSource | None = None  # not prepared yet
    trained: Trained | None = None


@dataclass(frozen=True)
class TrainedAdapter:
    """A LoRA adapter, kept in the run's folder."""

    adapter: Adapter
    learned_from: str  # wordings, or documents
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return self.adapter.sha256

    def switched_on(self, model: LanguageModel, merged: bool) -> AbstractContextManager[None]:
        return switched_on(need(model, Trainable, "an adapter"), self.adapter, merged)


def reserve(domain: Domain, model: LanguageModel, settings: RunSettings) -> int:
    """Tokens of the window that documents cannot have: those of the answer and of all of the prompt but its question.

    Pieces of a text counted apart can only need more tokens than together, so the sum is a safe upper bound.
    """
    prompt = domain.settings.prompt
    frame = model.render(prompt.messages(domain.settings.instruction, ""))
    own = model.count_tokens(frame) + model.count_tokens(prompt.context.format(passages=""))
    return settings.sampling.max_new_tokens + max(_LEAST_FRAME, own)


def injection(domain: Domain, model: LanguageModel, settings: RunSettings) -> Injection:
    """As many whole documents as fit, in an order drawn by the run's seed."""
    return Injection(settings.seed, reserve(domain, model, settings), settings.inject_tokens)


def nothing(setup: Setup) -> Parts:
    return Parts()


def all_documents(setup: Setup) -> Parts:
    return Parts(injection(setup.domain, setup.model, setup.settings))


def _retrieval(setup: Setup) -> Retrieval:
    settings = setup.settings
    embedder = None if settings.search_by == "words" else setup.embedder()
    return Retrieval(
        embedder, setup.folder / "index", settings.top_k, settings.chunk_tokens, settings.search_by, settings.index
    )


def _adapter(setup: Setup) -> TrainedAdapter:
    model = need(setup.model, Trainable, "fine-tuning")
    source, examples = training_examples(setup.domain, setup.training, model, model.end_token(), chunk)
    settings = setup.settings.training.model_copy(update={"seed": setup.seed})
    kept = setup.folder / "adapters" / f"seed-{setup.seed}"
    adapter = obtain_adapter(model, examples, settings, setup.progress, kept)
    return TrainedAdapter(adapter, source, {
        "adapter_sha256": adapter.sha256,
        "adapter_reused": adapter.reused,
        "adapter_bytes": sum(path.stat().st_size for path in kept.iterdir()),
        "training_source": source,
        "training": {key: value for key, value in adapter.training.items() if key != "curve"},
    })  # fmt: skip


def search(setup: Setup) -> Parts:
    return Parts(_retrieval(setup))


def adapter(setup: Setup) -> Parts:
    return Parts(trained=_adapter(setup))


def adapter_and_search(setup: Setup) -> Parts:
    return Parts(_retrieval(setup), _adapter(setup))


def gold(setup: Setup) -> Parts:
    return Parts(GoldPassage(setup.settings.chunk_tokens))
