"""The methods that a server answers with, one model beneath them. One thread at a time may use it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.progress import Progress, silent
from data.prompt import Message, Passage, PromptTemplate
from data.schema import Question
from evaluation.cost.bill import answer_usd
from evaluation.export.folder import ServeSettings, is_export, read_export
from evaluation.export.from_run import kept_of_run
from evaluation.export.kept import KeptMethod
from evaluation.export.loading import embedder_of, load_model_of
from evaluation.results.schema import ModelFacts
from evaluation.run.methods import Method
from evaluation.run.records import Answer
from evaluation.run.traced import TracedPrompt
from evaluation.serve.likelihood import Likely, answer_tokens, likelihoods
from model.language_model import Logits, lacking, need, offers
from model.sampling import Sampling
from model.telling import Telling
from rag.vectors import Vectors


@dataclass(frozen=True)
class Conversation(PromptTemplate):
    """The run's prompt within a conversation: an instruction of the client's, and what was said before."""

    asked_for: str = ""  # in the place of the run's instruction; empty: the run's
    said: tuple[tuple[str, str], ...] = ()  # role and content of the turns before the question

    def messages(self, instruction: str, question: str, passages: Sequence[Passage] = ()) -> list[Message]:
        system, user = super().messages(self.asked_for or instruction, question, passages)
        return [system, *(Message(role=role, content=content) for role, content in self.said), user]


@dataclass(frozen=True)
class Ask:
    """One question to one method."""

    method: str
    question: str
    sampling: Sampling
    instruction: str = ""  # instead of the run's
    said: tuple[tuple[str, str], ...] = ()  # turns before the question
    others: int | None = None  # likely tokens that are told beside each token; None: no log probabilities

    @property
    def kind(self) -> str:
        """How long it takes is learnt by this."""
        return self.method

    @property
    def together(self) -> tuple[Any, ...]:
        """What may be answered in one batch has the same of these."""
        return self.method, self.sampling, bool(self.instruction or self.said)


@dataclass(frozen=True)
class Told:
    """An answer with the passages that its prompt held, and what it cost at the run's assumed prices."""

    answer: Answer
    passages: tuple[Passage, ...]
    usd: float | None
    tokens: tuple[Likely, ...] | None = None  # with log probabilities, where they were asked for


# (which question, reads its answer so far); True: nobody waits for it any more
OnText = Callable[[int, Callable[[], str]], bool | None]


class Answering:
    """Loads what was kept, once.

    Args:
        kept: methods of one run.
        settings: where model and embedder lie on this machine.

    Raises:
        TriviumError: model or embedder are not the run's, or something kept is damaged.
    """

    def __init__(self, kept: Sequence[KeptMethod], settings: ServeSettings, progress: Progress = silent) -> None:
        first = kept[0].record
        device = settings.device or first.settings["device"]
        name, base_url = settings.model or first.model.name, settings.base_url or first.settings["base_url"]
        progress("loading the model")
        self.record = first
        self.model = load_model_of(first, name, device, base_url, progress)
        self._facts = ModelFacts(**first.model.facts, identity=first.model.identity)
        known = next((one.record.embedder for one in kept if one.record.embedder), None)
        self.embedder_name = (settings.embedder or known.name) if known else ""  # empty: nothing is embedded
        self._embedder = embedder_of(known, self.embedder_name, device)
        self.methods: dict[str, Method] = {}
        self._weights, self._switched = ExitStack(), ""
        for one in kept:
            progress(f"preparing {one.name}")
            self.methods[one.name] = one.ready(self.model, self._embedder, progress)

    def sampling(self, method: str) -> Sampling:
        """With which a method answered in the run."""
        return self.methods[method].sampling_

    def answer(self, asks: Sequence[Ask], on_text: OnText) -> list[Told]:
        """Answer questions as one batch; all have the same `together`.

        Raises:
            TriviumError: a prompt leaves no room for the answer in the model's window.
        """
        method, sampling = self.methods[asks[0].method], asks[0].sampling
        self._switch(method)
        prompts = self._prompts(method, asks)
        written: list[list[int]] = [[] for _ in asks]
        telling = offers(self.model, Telling)

        def on_token(row: int, token: int) -> bool | None:
            written[row].append(token)
            return on_text(row, lambda: telling.answer_text(written[row], sampling) if telling else "")

        answers = method.answer_telling(prompts, sampling, on_token)
        told = [self._told(answer, prompt) for answer, prompt in zip(answers, prompts, strict=True)]
        return [
            one if ask.others is None else replace(one, tokens=self._likely(method, prompt, ids, sampling, ask.others))
            for one, ask, prompt, ids in zip(told, asks, prompts, written, strict=True)
        ]

    @property
    def no_log_probabilities(self) -> str:
        """Why there are none; empty where there are."""
        return lacking(self.model, Logits) or lacking(self.model, Telling)

    def _likely(
        self, method: Method, prompt: TracedPrompt, ids: Sequence[int], sampling: Sampling, others: int
    ) -> tuple[Likely, ...]:
        """Of the tokens that were written; the weights are still those that wrote them."""
        logits, telling = need(self.model, Logits, "a log probability"), need(self.model, Telling, "a log probability")
        return likelihoods(logits, method, prompt, answer_tokens(telling, ids, sampling), others)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector of length 1 a text, (texts, dimensions)."""
        return self._embedder().encode(texts)

    def embedded_tokens(self, texts: Sequence[str]) -> int:
        """Tokens of these texts, as the embedding model counts."""
        return self._embedder().count_tokens(texts)

    def close(self) -> None:
        """Leave the base weights as they were."""
        self._weights.close()
        self._switched = ""

    def _switch(self, method: Method) -> None:
        """Weights stay switched on until another method needs others: adding an adapter takes as long as an answer."""
        wanted = method.spec.training
        if wanted != self._switched:
            self.close()
            self._weights.enter_context(method.weights())
            self._switched = wanted

    def _prompts(self, method: Method, asks: Sequence[Ask]) -> list[TracedPrompt]:
        questions = [Question(id="asked", question=ask.question, answers=()) for ask in asks]
        if not (asks[0].instruction or asks[0].said):
            return method.trace(questions)
        plain = asdict(self.record.prompt)
        return [
            method.trace([question], Conversation(**plain, asked_for=ask.instruction, said=ask.said))[0]
            for question, ask in zip(questions, asks, strict=True)
        ]

    def _told(self, answer: Answer, prompt: TracedPrompt) -> Told:
        settings = self.methods[answer.method].settings
        seconds = answer.retrieval_s + answer.generation_s
        usd = answer_usd(answer, seconds, self._facts, settings.usd_per_hour, settings.token_prices)
        return Told(answer, prompt.passages, usd)


def kept_at(path: Path, methods: Sequence[str] = ()) -> tuple[list[KeptMethod], dict[str, str]]:
    """The methods that a run or an export holds, and why others of it cannot answer.

    Args:
        methods: only these; none: all.

    Raises:
        TriviumError: neither a run nor an export, damaged, or without one of these methods.
    """
    found, why = ([read_export(path)], {}) if is_export(path) else kept_of_run(path)
    names = [one.name for one in found]
    for name in methods:
        if name not in names:
            reason = why.get(name) or f"there is no method '{name}' here, but {', '.join(names)}."
            raise TriviumError(f"{path}: {reason}")
    return [one for one in found if not methods or one.name in methods], why
