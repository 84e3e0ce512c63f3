"""A method at work: what it adds (passages, trained weights) in front of the one prompt builder and the one base model.

Every method runs through this one class. What differs between two methods is what their records in the registry say.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from operator import itemgetter
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.progress import Progress
from data.prompt import Passage, PromptTemplate
from data.schema import Domain, Question
from evaluation.run.actors import Actors
from evaluation.run.preparing import Parts, Preparation, Refresh, Setup, Trained
from evaluation.run.records import Answer, Latency, Phase, UsedContext
from evaluation.run.registry import spec_of
from evaluation.run.settings import RunSettings
from evaluation.run.threshold import dev_questions, tried_out
from evaluation.run.traced import TracedPrompt
from model.language_model import Generation, LanguageModel, Logits, PrefixSharing, Prompt, offers, prefix_of
from model.sampling import Sampling
from model.speed import Speedometer, meter_of
from model.telling import OnToken, Telling
from rag.context import Context, ContextSource
from rag.embed import Embedder


class Method:
    """The method of this name, as the registry describes it.

    Args:
        folder: the run's folder; index and adapter are kept below it.
        training: wordings that fine-tuning sees; without answerable ones it learns from the documents' text.
        embedder: called for the embedding model by the methods that search with one.
        seed: of the training.
        actors: that answer batches in the place of this process.
    """

    runs_here = timed = True  # its seconds are this machine's, and how busy that is counts

    def __init__(
        self,
        name: str,
        settings: RunSettings,
        folder: Path,
        training: Sequence[Question],
        embedder: Callable[[], Embedder],
        seed: int,
        actors: Actors | None = None,
    ) -> None:
        self.spec = spec_of(name)
        self.name, self.settings, self.folder, self.training = name, settings, folder, training
        self.embedder, self.seed, self.actors = embedder, self.spec.seed(seed), actors
        self.source_: ContextSource | None = None
        self.trained_: Trained | None = None
        self.sampling_ = settings.sampling  # with the threshold that was set on dev questions
        self.taught: Sequence[Question] | None = None  # training questions of its own, asked again; None: the plan's

    def prepare(
        self, domain: Domain, model: LanguageModel, progress: Progress, kept: Parts | None = None
    ) -> Preparation:
        """Build or load index and adapter, read what all prompts share. Seconds of a reused part are those it took.

        Args:
            kept: parts that were made before; nothing is built or trained then.
        """
        self.domain_, self.model_ = domain, model
        setup = Setup(
            domain, model, self.settings, self.folder, self.training, self.seed, self.embedder, progress
        )  # fmt: skip
        parts = kept or self.spec.load()(setup)
        self.source_, self.trained_, self.taught = parts.source, parts.trained, parts.taught
        chunks: tuple[Passage, ...] = ()
        details: dict[str, Any] = {}
        seconds = calibrated = 0.0
        if self.source_:
            started = self.meter.now()
            made = self.source_.prepare(domain, model, progress)
            chunks, details = made.chunks, dict(made.details)
            details["index_s"] = details.pop("seconds", 0.0)  # chunking, embedding, indexing; of retrieval alone
            details["index_calibrated_s"] = details.pop("calibrated_s", details["index_s"])
            ended = self.meter.now()
            seconds += details["index_s"] or ended.clock - started.clock
            calibrated += details["index_calibrated_s"] or self.meter.calibrated(started, ended)
        if self.trained_:
            details |= self.trained_.details
            training = self.trained_.details["training"]
            seconds += training["seconds"]
            calibrated += training.get("calibrated_s", training["seconds"])
            made = (details.get("study"), details.get("rehearsal"), training.get("spare"))
            for took in made:  # questions that were written or asked for the training, what it was kept out of
                if took:
                    seconds, calibrated = seconds + took["seconds"], calibrated + took["calibrated_s"]
        details |= self.read_prefix(progress)
        details |= self._set_threshold(progress)
        return Preparation(
            seconds + details["prefix_s"], calibrated + details["prefix_calibrated_s"], chunks, details
        )  # fmt: skip

    def _set_threshold(self, progress: Progress) -> dict[str, Any]:
        """Refuse as the domain's dev questions ask for, where it has some of both kinds and no threshold is set."""
        questions = self.askable(dev_questions(self.domain_.split("dev"), self.settings.seed))
        logits = offers(self.model_, Logits)
        if self.sampling_.refuse_above is not None or not questions or not logits:
            return {}
        progress(f"setting a threshold on {len(questions)} dev questions")
        with self.weights():
            texts = [prompt.text for prompt in self.trace(questions)]
            found = tried_out(logits, questions, texts, self.sampling_, self.prefix_)
        self.sampling_ = self.sampling_.model_copy(update={"refuse_above": found["above"]})
        return {"threshold": found}

    @property
    def meter(self) -> Speedometer:
        return meter_of(self.model_)

    def read_prefix(self, progress: Progress) -> dict[str, Any]:
        """Read ahead what all prompts share, so that no answer's seconds hold it. Returns its tokens and seconds."""
        progress(f"reading what all prompts of {self.name} share")
        self.meter.look()
        started = self.meter.now()
        self.prefix_ = self._shared_prefix()
        with self.weights():
            if sharing := offers(self.model_, PrefixSharing):
                sharing.read_shared(self.prefix_)
        ended = self.meter.now()
        self.meter.look()
        progress(f"reading what all prompts of {self.name} share", 1, 1)
        calibrated, seconds = self.meter.calibrated(started, ended), ended.clock - started.clock
        return {"prefix_tokens": len(self.prefix_), "prefix_s": seconds, "prefix_calibrated_s": calibrated}

    def refresh(self, domain: Domain, progress: Progress) -> Refresh:
        """Go over to changed documents: index and prompt follow, the adapter stays as it is."""
        self.domain_ = domain
        if not self.source_:
            return Refresh("nothing", None)
        seconds = self.source_.refresh(domain, self.model_, progress)
        if self.source_.shared:
            seconds = self.read_prefix(progress)["prefix_s"]
        return Refresh(self.source_.refreshes, seconds, self.source_.passages)

    def weights(self) -> AbstractContextManager[None]:
        """While this is open, the model answers with the weights of this method.

        Raises:
            TriviumError: the method has been trained, and what was trained is not there.
        """
        if not self.spec.adapted:
            return nullcontext()
        if self.trained_ is None:
            raise TriviumError(f"{self.name} has no adapter; a fine-tuned answer is never given without one.")
        return self.trained_.switched_on(self.model_, self.settings.merge_adapter)

    def render(self, question: Question, passages: Sequence[Passage], template: PromptTemplate | None = None) -> Prompt:
        """The text that the model reads for one question."""
        instruction, template = self.domain_.settings.instruction, template or self.domain_.settings.prompt
        return self.model_.render(template.messages(instruction, question.question, passages))

    def _shared_prefix(self) -> list[int]:
        """What every prompt of this method begins with, found with two probes that differ from their first letter."""
        probes = [Question(id=text, question=text, answers=()) for text in ("A", "7")]
        shared = self.source_.shared if self.source_ else ()
        own = bool(self.source_) and not shared  # each question has its own passages
        passages = [(Passage("", "", text, text),) if own else shared for text in ("A", "7")]
        return prefix_of(self.model_, [self.render(q, given) for q, given in zip(probes, passages, strict=True)])

    def askable(self, questions: Sequence[Question]) -> list[Question]:
        """Those that the prepared method can be asked: the oracle only what has a gold passage."""
        return [question for question in questions if not self.source_ or self.source_.can_be_asked(question)]

    def trace(
        self, questions: Sequence[Question], template: PromptTemplate | None = None, closed_book: bool = False
    ) -> list[TracedPrompt]:
        """The prompt of each question, from one search and one rendering.

        Args:
            closed_book: without this method's passages.
        """
        if closed_book or not self.source_:
            return [TracedPrompt(question, self.render(question, (), template)) for question in questions]
        found = self.source_.contexts(questions)
        return [self._traced(q, context, template) for q, context in zip(questions, found, strict=True)]

    def _traced(self, question: Question, context: Context, template: PromptTemplate | None) -> TracedPrompt:
        """Leaves out the last passages until prompt and answer fit the window."""
        room = self.model_.window - self.settings.sampling.max_new_tokens
        # What all prompts share fits by construction; counting it again for each question is slow.
        fits = bool(self.source_ and self.source_.shared)
        passages = context.passages
        while True:
            text = self.render(question, passages, template)
            if fits or not passages or self.model_.count_tokens(text) <= room:
                return TracedPrompt(question, text, passages, context.seconds, context.ranking)
            passages = passages[:-1]

    def answer(
        self, prompts: Sequence[TracedPrompt], phase: Phase = "main", done: frozenset[int] = frozenset()
    ) -> Iterator[list[Answer]]:
        """Answer in batches, each yielded when it is finished; batches named in `done` are left out."""
        texts, settings = [prompt.text for prompt in prompts], self.settings
        shared = prefix_of(self.model_, texts) if phase == "retention" else self.prefix_  # of another instruction
        asked = self.actors.like(self.model_, self.trained_, settings.merge_adapter) if self.actors else self.model_
        with self.weights():
            begun = self.meter.now()
            for batch in asked.generate(texts, self.sampling_, shared, settings.batch_size, done):
                slowdown = self.meter.slowdown(begun, self.meter.now())
                yield [self._record(prompts[i], answer, phase, len(batch), slowdown) for i, answer in batch]
                begun = self.meter.now()

    def answer_telling(self, prompts: Sequence[TracedPrompt], sampling: Sampling, on_token: OnToken) -> list[Answer]:
        """Answer as one batch with the weights that are switched on; tokens are told where the model can."""
        texts = [prompt.text for prompt in prompts]
        if telling := offers(self.model_, Telling):
            made = telling.generate_telling(texts, sampling, self.prefix_, on_token)
        else:
            batches = self.model_.generate(texts, sampling, self.prefix_, self.settings.batch_size)
            made = [answer for _, answer in sorted((pair for batch in batches for pair in batch), key=itemgetter(0))]
        return [self._record(prompt, one, "main", len(made)) for prompt, one in zip(prompts, made, strict=True)]

    @contextmanager
    def answered_by(self, model: LanguageModel) -> Iterator[None]:
        """Answer the same prompts with another model that has the same tokenizer and chat template."""
        own, (self.model_, self.sampling_) = (self.model_, self.sampling_), (model, self.settings.sampling)
        try:
            yield
        finally:
            self.model_, self.sampling_ = own

    def ask(
        self, question: Question, cold: bool, sampling: Sampling | None = None,
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Answer, TracedPrompt, float, float]:  # fmt: skip
        """Answer one question alone.

        Switching the adapter on is not part of the seconds: a service does that once.

        Args:
            cold: as in a new process, with nothing read ahead.
            sampling: instead of the run's.
            on_token: called with each token id as it is written.

        Returns:
            The answer, its prompt, seconds to the first token, and seconds in all.
        """
        sharing = offers(self.model_, PrefixSharing)
        if cold and sharing:
            sharing.forget_prefixes()
        with self.weights():
            started = self.meter.now().clock
            prompt = self.trace([question])[0]
            found, chosen = self.meter.now().clock - started, sampling or self.sampling_
            answer, first = self.model_.generate_one(prompt.text, chosen, self.prefix_, on_token)
            total = self.meter.now().clock - started
        return self._record(prompt, answer, "main", 1), prompt, found + first, total

    def measure(self, question: Question, cold: bool) -> Latency:
        """Ask one question alone for its seconds."""
        begun = self.meter.now()
        _, _, first, total = self.ask(question, cold)
        slowdown = self.meter.slowdown(begun, self.meter.now())
        return Latency(
            method=self.name, question_id=question.id, cold=cold, ttft_s=first, total_s=total, slowdown=slowdown
        )

    def _record(
        self, prompt: TracedPrompt, answer: Generation, phase: Phase, rows: int, slowdown: float = 1.0
    ) -> Answer:
        return Answer(
            method=self.name,
            question_id=prompt.question.id,
            seed=self.seed,
            phase=phase,
            batch=answer.batch,
            batch_rows=rows,
            answer=answer.text,
            finish_reason=answer.finish_reason,
            prompt_sha256=prompt.sha256,
            prompt_tokens=answer.prompt_tokens,
            cached_tokens=answer.cached_tokens,
            completion_tokens=answer.completion_tokens,
            retrieval_s=prompt.seconds,
            generation_s=answer.seconds,
            slowdown=round(slowdown if answer.slowdown is None else answer.slowdown, 4),
            contexts=tuple(
                UsedContext(document_id=p.document_id, chunk_id=p.chunk_id, score=p.score) for p in prompt.passages
            ),
            adapter=self.trained_.sha256[:16] if self.trained_ else "",
        )
