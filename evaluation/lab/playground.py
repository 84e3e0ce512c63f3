"""The methods of a run, open for single questions: what an answer took, and what each setting of sampling does to it.

Everything is read off the running model; nothing here changes its weights, which the fingerprint shows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from data.load import load_domain
from data.progress import Progress, silent
from data.prompt import Passage
from data.schema import Question
from evaluation.run.folder import LAB, RunFolder
from evaluation.run.identity import FOR_ONE_QUESTION, refuse_another
from evaluation.run.mending import refuse_damaged
from evaluation.run.methods import Method
from evaluation.run.plan import make_plan
from evaluation.run.questions import known_question
from evaluation.run.registry import spec_of
from evaluation.run.settings import settings_of
from model.decoding.next_token import stages
from model.decoding.refusal import Refusal
from model.language_model import Inspectable, Prompt, need
from model.registry import load_model
from model.sampling import Sampling


@dataclass(frozen=True)
class TracedAnswer:
    """One answer with everything that was measured on the way. Seconds are of this one question, asked alone."""

    method: str
    prompt: Prompt
    written: tuple[int, ...]  # token ids
    text: str
    first_s: float
    total_s: float
    prompt_tokens: int
    cached_tokens: int
    usd: float  # at the run's assumed price of a machine-hour
    passages: tuple[Passage, ...]
    trained: int  # weights of the adapter that answered, 0 without one
    fingerprint_before: str
    fingerprint_after: str


@dataclass(frozen=True)
class Chance:
    """A token with its probability after one setting."""

    token: str
    probability: float


class Playground:
    """One model with the index and the adapter of a run.

    Args:
        path: folder of the run; only read.

    Raises:
        TriviumError: the run cannot be read, or its model cannot be looked into.
    """

    def __init__(self, path: Path, progress: Progress = silent) -> None:
        folder = RunFolder(path)
        settings = settings_of(folder)
        self.path = path
        # The adapter stays beside the weights, so that these are frozen while it answers, too.
        self.settings = settings.model_copy(update={"merge_adapter": False})
        refuse_damaged(folder)
        self.domain = load_domain(settings.domain)
        refuse_another(folder, self.domain, settings, FOR_ONE_QUESTION)
        progress("loading the model")
        self.model = need(
            load_model(settings.model, settings.model_options.told(progress)), Inspectable, "looking into answers"
        )
        self.plan = make_plan(self.domain, settings)
        self.fingerprint = self.model.fingerprint()
        self._methods: dict[str, Method] = {}
        self.prepared_s: dict[str, float] = {}  # seconds that preparing a method took here, once

    @property
    def is_lab(self) -> bool:
        """Whether this is a training of the lab, whose adapter knows the sentences of its domain."""
        return (self.path / LAB).exists()

    @property
    def methods(self) -> list[str]:
        """Those of the run that can answer any question and be looked into."""
        specs = map(spec_of, self.settings.methods)
        return [spec.name for spec in specs if not spec.needs_gold and not spec.is_contestant]

    @cached_property
    def _embedder(self) -> Any:
        from rag.embed import SentenceEmbedder

        return SentenceEmbedder(self.settings.embedder, self.settings.device)

    def method(self, name: str, progress: Progress = silent) -> Method:
        """A method with its index read, its adapter found, its shared prompt read; prepared once."""
        if name not in self._methods:
            method, started = self.new_method(name, self.path), time.perf_counter()
            method.prepare(self.domain, self.model, progress)
            self._methods[name], self.prepared_s[name] = method, time.perf_counter() - started
        return self._methods[name]

    def new_method(self, name: str, folder: Path) -> Method:
        """A method that keeps its index in `folder`, not yet prepared."""
        return Method(name, self.settings, folder, self.plan.training, lambda: self._embedder, self.settings.seed)

    def ask(
        self, name: str, text: str, sampling: Sampling, on_text: Callable[[str], None] = lambda text: None
    ) -> TracedAnswer:
        """One question to one method; `on_text` gets the answer so far, token by token."""
        return self.trace(self.method(name), known_question(text, self.domain), sampling, on_text)

    def trace(
        self, method: Method, question: Question, sampling: Sampling, on_text: Callable[[str], None]
    ) -> TracedAnswer:
        """The answer of a prepared method with everything that was measured on the way."""
        written: list[int] = []

        def on_token(token: int) -> None:
            written.append(token)
            on_text(self.model.decode(written))

        answer, prompt, first, total = method.ask(question, False, self._with_reader_threshold(sampling), on_token)
        before, self.fingerprint = self.fingerprint, self.model.fingerprint()
        trained = method.trained_.details["training"]["trained_parameters"] if method.trained_ else 0
        return TracedAnswer(
            method=method.name, prompt=prompt.text, written=tuple(written), text=answer.answer, first_s=first,
            total_s=total,
            prompt_tokens=answer.prompt_tokens, cached_tokens=answer.cached_tokens,
            usd=total / 3600 * self.settings.usd_per_hour, passages=prompt.passages, trained=trained,
            fingerprint_before=before, fingerprint_after=self.fingerprint,
        )  # fmt: skip

    def chances(
        self, traced: TracedAnswer, position: int, sampling: Sampling, most: int = 12
    ) -> list[tuple[str, list[Chance]]]:
        """The likeliest tokens at a position of an answer, as the model gave them and after each setting in force.

        Args:
            position: 0 is the first token of the answer; its length, the token after its last.
        """
        with self.method(traced.method).weights():
            logits = self.model.answer_logits(traced.prompt, traced.written)[position]
            complete, refusal = self._with_reader_threshold(sampling), None
            if position == 0 and complete.refuse_above is not None:
                word = self.model.abstention()
                refusal = Refusal(word, complete.refuse_above, self.model.chances([traced.prompt], word))
        history = [*self.model.encode(traced.prompt), *traced.written[:position]]
        found = stages(logits, history, complete, refusal)
        shown = found[0][1].topk(most).indices.tolist()  # the same tokens at every stage, so that one sees what is cut
        return [
            (name, [Chance(self.model.token_text(token), float(chances[token])) for token in shown])
            for name, chances in found
        ]

    def _with_reader_threshold(self, sampling: Sampling) -> Sampling:
        """With the run's threshold of refusing, else the reader's."""
        return self.model.with_reader_threshold(
            sampling.model_copy(update={"refuse_above": self.settings.sampling.refuse_above})
        )
