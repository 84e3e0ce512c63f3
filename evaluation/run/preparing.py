"""What each of Trivium's own methods is made of: where its passages come from, and what was trained for it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from data.errors import Incapable, TriviumError
from data.progress import Progress
from data.prompt import Passage
from data.schema import Domain, Question
from evaluation.run.material import Learner, Material, source_of
from evaluation.run.served_training import NO_ADAPTERS, ServedAdapter, chat_examples
from evaluation.run.settings import RunSettings
from finetune.adapter import Adapter, switched_on
from finetune.cartridge import PREFIX_DISTILLATION, Cartridge, first_tokens, prefix_settings
from finetune.cartridge import switched_on as prefix_switched_on
from finetune.obtain import obtain_adapter
from model.language_model import LanguageModel, PrefixSharing, TakesAdapters, Trainable, need, offers
from model.memory import give_back
from model.options import HOSTED, ModelOptions
from model.registry import SERVED, kind_of, load_model
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
    taught: Sequence[Question] | None = None  # training questions that show whether it converged; None: the plan's


@dataclass(frozen=True)
class Preparation:
    """What a method made before its first answer, and what that took on this machine."""

    seconds: float
    calibrated_s: float  # the same on a quiet machine
    chunks: tuple[Passage, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refresh:
    """How a method took in changed documents, and the measured seconds for one changed document."""

    by: str  # index, prompt, passage; nothing where the method reads no documents
    seconds: float | None
    chunks: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class TrainedAdapter:
    """A LoRA adapter, kept in the run's folder."""

    adapter: Adapter
    learned_from: str  # wordings, self-study, both, or documents
    details: dict[str, Any] = field(default_factory=dict)
    taught: Sequence[Question] | None = None  # what it is asked again, where that is not the plan's

    @property
    def sha256(self) -> str:
        return self.adapter.sha256

    def switched_on(self, model: LanguageModel, merged: bool) -> AbstractContextManager[None]:
        return switched_on(need(model, Trainable, "an adapter"), self.adapter, merged)


@dataclass(frozen=True)
class TrainedPrefix(TrainedAdapter):
    """Keys and values that stand before every prompt, kept in the run's folder."""

    def switched_on(self, model: LanguageModel, merged: bool) -> AbstractContextManager[None]:
        return prefix_switched_on(need(model, Trainable, "a trained prefix"), self.adapter)


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


def _material(setup: Setup, model: Trainable, pairs_alone: bool = False, distillation: float = 0.0) -> Material:
    """What training sees.

    Args:
        distillation: the method's own share of a teacher, where the settings name none.
    """
    source, chosen = source_of(setup.domain, setup.training, setup.settings, pairs_alone), setup.settings.training
    share = distillation if chosen.distillation is None else chosen.distillation
    return Learner(setup.domain, setup.training, model, setup.settings, setup.progress).material(source, share)


def _details(adapter: Adapter, material: Material) -> dict[str, Any]:
    """What run.json says of a training."""
    return {
        "adapter_sha256": adapter.sha256,
        "adapter_reused": adapter.reused,
        "adapter_bytes": sum(path.stat().st_size for path in adapter.folder.iterdir()),
        "training_source": material.source,
        "coverage": material.coverage.as_dict(),
        "study": material.study,
        "rehearsal": material.rehearsal,
        "training": {key: value for key, value in adapter.training.items() if key != "curve"},
    }


def _adapter(setup: Setup, pairs_alone: bool = False) -> TrainedAdapter | ServedAdapter:
    if served := offers(setup.model, TakesAdapters):
        return _hosted(setup, served) if served.train_with == HOSTED else _loaded(setup, served, pairs_alone)
    if kind_of(setup.settings.model) in SERVED:
        raise Incapable(NO_ADAPTERS)
    return _trained(setup, need(setup.model, Trainable, "fine-tuning"), pairs_alone)


def _loaded(setup: Setup, served: TakesAdapters, pairs_alone: bool) -> ServedAdapter:
    """An adapter trained here on the served model's weights, loaded by the server."""
    served.check_adapters()
    setup.progress(f"loading the weights {served.train_with}")
    options = ModelOptions(setup.settings.device, load_in=setup.settings.load_in, progress=setup.progress)
    weights = need(load_model(served.train_with, options), Trainable, "fine-tuning")
    trained = _trained(setup, weights, pairs_alone)
    name = f"trivium-{trained.sha256[:16]}"
    served.load_adapter(name, trained.adapter.folder)
    details = trained.details | {"trained_with": served.train_with, "base_fingerprint": weights.fingerprint()}
    return ServedAdapter(name, trained.sha256, details, trained.taught)


def _hosted(setup: Setup, served: TakesAdapters) -> ServedAdapter:
    """A model that the provider trains on the domain's training wordings."""
    examples = chat_examples(setup.domain, setup.training)
    kept = setup.folder / "adapters" / f"hosted-seed-{setup.seed}"
    job = served.hosted_job(examples, kept, setup.seed, setup.progress)
    training = {"seconds": job.seconds, "tokens": job.tokens, "examples": job.examples, "job": job.job}
    details = {"adapter_sha256": job.sha256, "training_source": "wordings", "training": training, "tuned": job.model}
    return ServedAdapter(job.model, job.sha256, details)


def _trained(setup: Setup, model: Trainable, pairs_alone: bool) -> TrainedAdapter:
    """An adapter trained on these weights, from the training that the run allows."""
    material = _material(setup, model, pairs_alone)
    settings = setup.settings.training.model_copy(update={"seed": setup.seed})
    kept = setup.folder / "adapters" / f"{'pairs-' if pairs_alone else ''}seed-{setup.seed}"
    with _room_for_training(model):
        adapter = obtain_adapter(model, material.examples, settings, setup.progress, kept)
    return TrainedAdapter(adapter, material.source, _details(adapter, material), material.asked_again)


@contextmanager
def _room_for_training(model: Trainable) -> Iterator[None]:
    """Keys and values of pasted documents go before a training, and what it took after it; both are of no more use.

    Documents are read again when they are asked for.
    """
    if sharing := offers(model, PrefixSharing):
        sharing.forget_prefixes()
    give_back()
    yield
    give_back()


def _prefix(setup: Setup) -> TrainedPrefix:
    model = need(setup.model, Trainable, "a trained prefix")
    if not model.shares_prefixes:
        raise TriviumError(f"a trained prefix stands before the prompt, and {model.name} reads each prompt as a whole.")
    material = _material(setup, model, distillation=PREFIX_DISTILLATION)
    settings = prefix_settings(setup.settings.training.model_copy(update={"seed": setup.seed}))
    kept = setup.folder / "adapters" / f"prefix-seed-{setup.seed}"
    kind = Cartridge(first_tokens(setup.domain, model, setup.settings.prefix_tokens))
    with _room_for_training(model):
        trained = obtain_adapter(model, material.examples, settings, setup.progress, kept, kind=kind)
    details = _details(trained, material) | {"virtual_tokens": len(kind.start)}
    return TrainedPrefix(trained, material.source, details, material.asked_again)


def _with(trained: TrainedAdapter | ServedAdapter, source: ContextSource | None = None) -> Parts:
    return Parts(source, trained, trained.taught)


def search(setup: Setup) -> Parts:
    return Parts(_retrieval(setup))


def adapter(setup: Setup) -> Parts:
    return _with(_adapter(setup))


def pairs_adapter(setup: Setup) -> Parts:
    """Trained on the domain's training wordings alone, whatever the run's settings say."""
    return _with(_adapter(setup, pairs_alone=True))


def adapter_and_search(setup: Setup) -> Parts:
    source = _retrieval(setup)
    return _with(_adapter(setup), source)


def prefix(setup: Setup) -> Parts:
    return _with(_prefix(setup))


def prefix_and_search(setup: Setup) -> Parts:
    source = _retrieval(setup)
    return _with(_prefix(setup), source)


def gold(setup: Setup) -> Parts:
    return Parts(GoldPassage(setup.settings.chunk_tokens))
