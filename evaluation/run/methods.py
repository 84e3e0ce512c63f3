"""A method: a context source and, for some, an adapter, in front of the one prompt builder and the one base model.

Every method runs through this one class. What differs between two methods is what `RECIPES` says and nothing else.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from data.errors import TriviumError
from data.progress import Progress
from data.prompt import PROMPT, Passage, PromptTemplate
from data.schema import Domain, Question
from evaluation.run.records import Answer, Phase, UsedContext
from evaluation.run.settings import RunSettings
from finetune.adapter import Adapter, obtain_adapter, switched_on
from finetune.examples import training_examples
from model.base import BaseModel
from model.generation import Generation
from model.sampling import Sampling
from rag.chunk import chunk
from rag.context import Context, ContextSource
from rag.embed import Embedder
from rag.gold import GoldPassage
from rag.inject import Injection
from rag.retrieve import Retrieval


@dataclass(frozen=True)
class Recipe:
    """What a method adds to the base model."""

    context: str = "none"  # none, inject, rag, gold
    adapted: bool = False


RECIPES = {
    "base": Recipe(),
    "inject": Recipe(context="inject"),
    "rag": Recipe(context="rag"),
    "lora": Recipe(adapted=True),
    "lora+rag": Recipe(context="rag", adapted=True),
    "oracle": Recipe(context="gold"),
}


PLAIN_TOO = ("rag", "oracle")  # methods that are asked without the trained reader as well, where there is one


@dataclass(frozen=True)
class Preparation:
    """What a method made before its first answer, and what that took on this machine."""

    seconds: float
    chunks: tuple[Passage, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refresh:
    """How a method took in changed documents, and the measured seconds for one changed document."""

    by: str  # index, prompt, passage; nothing where the method reads no documents
    seconds: float | None
    chunks: tuple[Passage, ...] = ()


class Method(Protocol):
    """A way to answer."""

    name: str

    def prepare(self, domain: Domain, model: BaseModel, progress: Progress) -> Preparation: ...
    def answer(
        self, questions: Sequence[Question], phase: Phase = "main", done: frozenset[int] = frozenset()
    ) -> Iterator[list[Answer]]: ...


class Road:
    """The method called `name`, as `RECIPES` describes it.

    Args:
        folder: the run's folder; index and adapter are kept below it.
        training: wordings that fine-tuning sees; without answerable ones it learns from the documents' text.
        seed: of the training.
    """

    def __init__(
        self,
        name: str,
        settings: RunSettings,
        folder: Path,
        training: Sequence[Question],
        embedder: Embedder | None,
        seed: int,
    ) -> None:
        self.name, self.settings, self.folder, self.training = name, settings, folder, training
        self.embedder, self.recipe = embedder, RECIPES[name]
        self.seed = seed if self.recipe.adapted else 0
        self.adapter_: Adapter | None = None

    def _source(self) -> ContextSource | None:
        settings = self.settings
        if self.recipe.context == "inject":
            return Injection(settings.seed, reserve=settings.sampling.max_new_tokens + 128)
        if self.recipe.context == "rag":
            return Retrieval(
                self.embedder, self.folder / "index", settings.top_k, settings.chunk_tokens, settings.search_by,
                settings.index,
            )  # fmt: skip
        return GoldPassage(settings.chunk_tokens) if self.recipe.context == "gold" else None

    def prepare(self, domain: Domain, model: BaseModel, progress: Progress) -> Preparation:
        """Build or load index and adapter, read what all prompts share. Seconds of a reused part are those it took."""
        self.domain_, self.model_, self.source_ = domain, model, self._source()
        chunks: tuple[Passage, ...] = ()
        details: dict[str, Any] = {}
        seconds = 0.0
        if self.source_:
            started = time.perf_counter()
            made = self.source_.prepare(domain, model, progress)
            chunks, details = made.chunks, dict(made.details)
            details["index_s"] = details.pop("seconds", 0.0)  # chunking, embedding, indexing; of retrieval alone
            seconds += details["index_s"] or time.perf_counter() - started
        if self.recipe.adapted:
            trained = self._prepare_adapter(domain, model, progress)
            seconds += trained["training"]["seconds"]
            details |= trained
        details |= self._read_prefix(progress)
        return Preparation(seconds + details["prefix_s"], chunks, details)

    def _read_prefix(self, progress: Progress) -> dict[str, Any]:
        started = time.perf_counter()
        progress(f"reading what all prompts of {self.name} share")
        self.prefix_ = self._shared_prefix()
        with self.weights():
            self.model_.read_shared(self.prefix_)
        return {"prefix_tokens": len(self.prefix_), "prefix_s": time.perf_counter() - started}

    def refresh(self, domain: Domain, progress: Progress) -> Refresh:
        """Go over to changed documents: index and prompt follow, the adapter stays as it is."""
        self.domain_ = domain
        seconds = self.source_.refresh(domain, self.model_, progress) if self.source_ else None
        if isinstance(self.source_, Retrieval):
            return Refresh("index", seconds, self.source_.passages)
        if isinstance(self.source_, Injection):
            return Refresh("prompt", self._read_prefix(progress)["prefix_s"], self.source_.passages_)
        if isinstance(self.source_, GoldPassage):
            return Refresh("passage", None, self.source_.chunks_)
        return Refresh("nothing", None)

    def _prepare_adapter(self, domain: Domain, model: BaseModel, progress: Progress) -> dict[str, Any]:
        end = model.tokenizer.eos_token_id
        source, examples = training_examples(domain, self.training, model, end, chunk)
        settings = self.settings.training.model_copy(update={"seed": self.seed})
        kept = self.folder / "adapters" / f"seed-{self.seed}"
        self.adapter_ = obtain_adapter(model, examples, settings, progress, kept)
        return {
            "adapter_sha256": self.adapter_.sha256,
            "adapter_reused": self.adapter_.reused,
            "adapter_bytes": sum(path.stat().st_size for path in kept.iterdir()),
            "training_source": source,
            "training": {key: value for key, value in self.adapter_.training.items() if key != "curve"},
        }

    def weights(self) -> AbstractContextManager[None]:
        """While this is open, the model answers with the weights of this method."""
        if not self.recipe.adapted:
            return nullcontext()
        if self.adapter_ is None:
            raise TriviumError(f"{self.name} has no adapter; a fine-tuned answer is never given without one.")
        return switched_on(self.model_, self.adapter_, self.settings.merge_adapter)

    def render(self, question: Question, context: Context, template: PromptTemplate = PROMPT) -> str:
        """The text that the model reads for one question."""
        instruction = self.domain_.settings.instruction
        return self.model_.render(template.messages(instruction, question.question, context.passages))

    def _shared_prefix(self) -> list[int]:
        """What every prompt of this method begins with, found with two probes that differ from their first letter."""
        probes = [Question(id=text, question=text, answers=()) for text in ("A", "7")]
        passages = self.source_.passages_ if isinstance(self.source_, Injection) else ()
        if self.source_ and not passages:
            contexts = [Context((Passage("", "", text, text),)) for text in ("A", "7")]
        else:
            contexts = [Context(passages)] * 2
        return self.model_.prefix_of([self.render(q, context) for q, context in zip(probes, contexts, strict=True)])

    def _fitting(self, question: Question, context: Context, template: PromptTemplate) -> tuple[str, Context]:
        """Leave out the last passages until prompt and answer fit the window."""
        room = self.model_.window - self.settings.sampling.max_new_tokens
        while True:
            prompt = self.render(question, context, template)
            if self.model_.count_tokens(prompt) <= room or not context.passages:
                return prompt, context
            context = Context(context.passages[:-1], context.seconds)

    def prompts(self, questions: Sequence[Question], template: PromptTemplate = PROMPT) -> list[tuple[str, Context]]:
        """Rendered prompt and context for each question."""
        found = self.source_.contexts(questions) if self.source_ else [Context(()) for _ in questions]
        if isinstance(self.source_, Injection):  # fits by construction; counting it again for each question is slow
            return [(self.render(q, context, template), context) for q, context in zip(questions, found, strict=True)]
        return [self._fitting(q, context, template) for q, context in zip(questions, found, strict=True)]

    def answer(
        self,
        questions: Sequence[Question],
        phase: Phase = "main",
        done: frozenset[int] = frozenset(),
        template: PromptTemplate = PROMPT,
    ) -> Iterator[list[Answer]]:
        """Answer in batches, each yielded when it is finished; batches named in `done` are left out."""
        # Whether training converged is a property of the adapter: it is asked without context, whatever the method.
        bare = [(self.render(question, Context(()), template), Context(())) for question in questions]
        prepared = bare if phase == "convergence" else self.prompts(questions, template)
        texts = [prompt for prompt, _ in prepared]
        settings = self.settings
        with self.weights():
            batches = self.model_.generate(texts, settings.sampling, self.prefix_, settings.batch_size, done)
            for batch in batches:
                yield [self._record(questions[i], *prepared[i], answer, phase, len(batch)) for i, answer in batch]

    @contextmanager
    def answered_by(self, model: BaseModel) -> Iterator[None]:
        """Answer the same prompts with another model that has the same tokenizer and chat template."""
        own, self.model_ = self.model_, model
        try:
            yield
        finally:
            self.model_ = own

    def ask(
        self, question: Question, cold: bool, sampling: Sampling | None = None,
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Answer, float, float]:  # fmt: skip
        """Answer one question alone. Returns the answer, seconds to the first token, and seconds in all.

        Switching the adapter on is not part of them: a service does that once.

        Args:
            sampling: instead of the run's.
            on_token: called with each token id as it is written.
        """
        if cold:
            self.model_.forget_prefixes()
        with self.weights():
            started = time.perf_counter()
            prompt, context = self.prompts([question])[0]
            found = time.perf_counter() - started
            answer, first = self.model_.generate_one(prompt, sampling or self.settings.sampling, self.prefix_, on_token)
            total = time.perf_counter() - started
        return self._record(question, prompt, context, answer, "main", 1), found + first, total

    def _record(
        self, question: Question, prompt: str, context: Context, answer: Generation, phase: Phase, rows: int
    ) -> Answer:
        return Answer(
            method=self.name,
            question_id=question.id,
            seed=self.seed,
            phase=phase,
            batch=answer.batch,
            batch_rows=rows,
            answer=answer.text,
            finish_reason=answer.finish_reason,
            prompt_sha256=hashlib.sha256(prompt.encode()).hexdigest(),
            prompt_tokens=answer.prompt_tokens,
            cached_tokens=answer.cached_tokens,
            completion_tokens=answer.completion_tokens,
            retrieval_s=context.seconds,
            generation_s=answer.seconds,
            contexts=tuple(
                UsedContext(document_id=p.document_id, chunk_id=p.chunk_id, score=p.score) for p in context.passages
            ),
            adapter=self.adapter_.sha256[:16] if self.adapter_ else "",
        )
