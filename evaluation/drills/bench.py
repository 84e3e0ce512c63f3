"""What drills measure with: model, documents and methods of a run, and one way to ask and grade."""

import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

from data.errors import Incapable
from data.gold import GoldPassages
from data.load import load_domain
from data.progress import ScopedProgress
from data.prompt import Passage, PromptTemplate
from data.schema import Category, Question
from evaluation.drills.measured import Reply, Work
from evaluation.drills.prediction import Speed
from evaluation.grading.grader import Grader
from evaluation.grading.rules import WORD_LIMIT
from evaluation.results.drill import FOLDER, Size
from evaluation.run.answer_length import asking_at_length
from evaluation.run.folder import RunFolder
from evaluation.run.identity import FOR_ONE_QUESTION, refuse_another
from evaluation.run.mending import refuse_damaged
from evaluation.run.methods import Method
from evaluation.run.plan import make_plan
from evaluation.run.registry import first_of, spec_of
from evaluation.run.settings import settings_of
from model.language_model import LanguageModel, Prompt, prefix_of
from model.registry import load_model
from model.sampling import Sampling
from model.speed import meter_of
from model.weights import DEFAULT_EMBEDDER
from rag.chunk import chunk
from rag.embed import Embedder, SentenceEmbedder
from rag.retrieve import Retrieval

MANY: dict[Size, int] = {"smoke": 20, "full": 200}  # questions of a point
_KINDS = (Category.PARAPHRASED, Category.HELD_OUT)


class Bench:
    """Opens a finished run. Its index and its adapters are used, what a drill makes lies below `scratch`.

    Args:
        many: questions of a point; default: as the size says.
        model, embedder: instead of the run's, for tests.

    Raises:
        TriviumError: the run is damaged, or its model or documents have changed.
    """

    def __init__(
        self, path: Path, size: Size, progress: ScopedProgress, many: int | None = None,
        model: LanguageModel | None = None, embedder: Embedder | None = None,
    ) -> None:  # fmt: skip
        self.path, self.size, self.progress, self.many = path, size, progress, many or MANY[size]
        self.folder = RunFolder(path)
        self.record, self.settings = self.folder.record(), settings_of(self.folder)
        refuse_damaged(self.folder)
        self.domain = asking_at_length(load_domain(self.settings.domain), self.settings.answer_words)
        refuse_another(self.folder, self.domain, self.settings, FOR_ONE_QUESTION)
        self.plan, self.seed = make_plan(self.domain, self.settings), self.settings.seed
        self._model, self._embedder = model, embedder
        self._methods: dict[str, Method] = {}
        self.left_out: dict[str, str] = {}

    @cached_property
    def model(self) -> LanguageModel:
        self.progress(f"loading the model {self.settings.model}")
        model = self._model or load_model(self.settings.model, self.settings.model_options.told(self.progress))
        if began := self.record.get("model", {}).get("identity"):
            model.go_on_as(began)
        return model

    @cached_property
    def embedder(self) -> Embedder:
        if self._embedder is None:
            self.progress("loading the embedding model")
        return self._embedder or SentenceEmbedder(self.settings.embedder, self.settings.device)

    @cached_property
    def grader(self) -> Grader:
        limit = max(WORD_LIMIT, self.settings.answer_words or 0)
        known = self.embedder if self.settings.embedder == DEFAULT_EMBEDDER else self._embedder
        return Grader(known, limit, self.domain.settings.language)

    @property
    def scratch(self) -> Path:
        """A folder for what drills make and the run has not."""
        return self.path / FOLDER / "made"

    def leave_out(self, what: str, why: str) -> None:
        """Say in the results what cannot be measured, and why."""
        self.left_out[what] = why

    @property
    def methods(self) -> list[str]:
        """Methods of the run that drills can change; systems of the user's are left out, with the reason."""
        lacking, found = self.record.get("not_applicable", {}), []
        for name in self.settings.methods:
            if spec_of(name).is_contestant:
                self.leave_out(name, "a system of your own: what it puts before its model cannot be changed from here")
            elif name in lacking:
                self.leave_out(name, lacking[name])
            else:
                found.append(name)
        return found

    def reading(self) -> list[str]:
        """Methods that find passages for each question; the others are left out, with the reason."""
        names = self.methods
        found = [name for name in names if spec_of(name).context == "search"]
        for name in names:
            if name not in found:
                self.leave_out(name, "it reads no passages that were found for the question")
        return found

    def compared(self) -> list[str]:
        """Methods that a drill of many settings asks: all that a user can choose, in a smoke test search and training.

        The bare model and the ceiling, which knows where the answer stands, are left out.
        """
        names = self.methods
        chosen = [name for name in names if spec_of(name).kind == "candidate"]
        few = [name for name in (first_of(chosen, "search"), first_of(chosen, "none", adapted=True)) if name]
        wanted = few if self.size == "smoke" and few else chosen
        for name in names:
            if name not in wanted:
                why = "left out of the smoke size" if name in chosen else "it is no method that a user can choose"
                self.leave_out(name, why)
        return wanted

    def method(self, name: str) -> Method:
        """A method of the run, or one that it did not ask, prepared once."""
        if name not in self._methods:
            path = self.path if name in self.settings.methods else self.scratch
            made = Method(name, self.settings, path, self.plan.training, lambda: self.embedder, self.seed)
            made.prepare(self.domain, self.model, self.progress)
            self._tell_other_adapter(made)
            self._methods[name] = made
        return self._methods[name]

    def _tell_other_adapter(self, made: Method) -> None:
        """Say so where what answers is not what answered in the run: an earlier version may have trained otherwise."""
        entry: dict[str, Any] = next(iter(self.record["methods"].get(made.name, {}).values()), {})
        known = (entry.get("details") or {}).get("adapter_sha256")
        if made.trained_ and known and made.trained_.sha256 != known:
            self.progress.note(f"{made.name} was trained again by this version: its adapter is not that of the run")

    def fresh_method(self, name: str, folder: Path, training: Sequence[Question] | None = None) -> Method:
        """A method that keeps what it makes in another folder; not prepared."""
        taught = self.plan.training if training is None else training
        return Method(name, self.settings, folder, taught, lambda: self.embedder, self.seed)

    @cached_property
    def passages(self) -> list[Passage]:
        """Of all documents, cut as the run cut them."""
        return list(chunk(self.domain.documents, self.model, self.settings.chunk_tokens))

    @cached_property
    def gold(self) -> GoldPassages:
        return GoldPassages(self.passages)

    def retrieval(self, folder: Path | None = None, k: int | None = None) -> Retrieval:
        """A retriever with the run's settings; not prepared. With the run's folder it finds the run's index."""
        settings = self.settings
        embedder = None if settings.search_by == "words" else self.embedder
        return Retrieval(embedder, folder or self.path / "index", k or settings.top_k, settings.chunk_tokens,
                         settings.search_by, settings.index)  # fmt: skip

    @cached_property
    def searched(self) -> Retrieval:
        """The run's index, or one that is made for drills."""
        has = (self.path / "index").exists()
        found = self.retrieval(self.path / "index" if has else self.scratch / "index")
        found.prepare(self.domain, self.model, self.progress)
        return found

    def questions(self, many: int | None = None, with_gold: bool = False) -> list[Question]:
        """Answerable test questions of the run, half about what training covers where there are two kinds.

        Raises:
            Incapable: there is none.
        """
        asked = [q for q in self.plan.questions if q.answerable and self.plan.categories[q.id] in _KINDS]
        if with_gold:
            asked = [question for question in asked if self.gold.of(question)]
        kinds = [[q for q in asked if self.plan.categories[q.id] is kind] for kind in _KINDS]
        many = many or self.many
        share = [drawn(kind, many // 2 + many % 2, f"drill {self.seed}") for kind in kinds]
        chosen = {q.id for part in share for q in part}
        rest = [q for q in asked if q.id not in chosen]
        chosen |= {q.id for q in drawn(rest, max(0, many - len(chosen)), f"more {self.seed}")}
        if not chosen:
            raise Incapable("the run has asked no question that a drill could ask again.")
        return [q for q in asked if q.id in chosen][:many]

    def unanswerable(self, many: int | None = None) -> list[Question]:
        """Questions of the run that no document answers."""
        found = [q for q in self.plan.questions if not q.answerable]
        return drawn(found, many or self.many, f"drill {self.seed}")

    def ask(
        self, name: str, questions: Sequence[Question], passages: Sequence[Sequence[Passage]] | None = None,
        sampling: Sampling | None = None, template: PromptTemplate | None = None, closed_book: bool = False,
        weights: AbstractContextManager[None] | None = None, model: LanguageModel | None = None,
        method: Method | None = None,
    ) -> list[Reply]:  # fmt: skip
        """Ask a method, as the run did but for what is given here, and grade.

        Args:
            passages: of each question, instead of what the method would find; the last ones that do not fit are left
                out.
            weights: a context in which other weights answer; default: the method's own.
            model: another model with the same tokenizer and template.
            method: instead of the run's own of this name.
        """
        method = method or self.method(name)
        if passages is None:
            prompts = [one.text for one in method.trace(questions, template, closed_book)]
        else:
            prompts = [self._fitting(method, q, p, template) for q, p in zip(questions, passages, strict=True)]
        with method.weights() if weights is None else weights:
            return self.answered(prompts, questions, sampling or method.sampling_, model)

    def answered(
        self, prompts: Sequence[Prompt], questions: Sequence[Question], sampling: Sampling,
        model: LanguageModel | None = None,
    ) -> list[Reply]:  # fmt: skip
        """Answers to prompts with the weights that are switched on, graded."""
        asked = model or self.model
        said: dict[int, Any] = {}
        spent: dict[int, float] = {}
        meter = meter_of(asked)
        self.progress("answering", 0, len(prompts))
        begun = meter.now()
        for batch in asked.generate(prompts, sampling, prefix_of(asked, prompts), self.settings.batch_size):
            slowdown = meter.slowdown(begun, meter.now())
            said |= dict(batch)
            spent |= {place: answer.seconds / slowdown for place, answer in batch}
            self.progress("answering", len(said), len(prompts))
            begun = meter.now()
        texts = [said[place].text for place in range(len(prompts))]
        grades = self.grader.grade(list(zip(questions, texts, strict=True)))
        return [
            Reply(q, texts[at], grade.grade, spent[at], said[at].completion_tokens)
            for at, (q, grade) in enumerate(zip(questions, grades, strict=True))
        ]

    def _fitting(
        self, method: Method, question: Question, passages: Sequence[Passage], template: PromptTemplate | None
    ) -> Prompt:
        room = self.model.window - self.settings.sampling.max_new_tokens
        kept = list(passages)
        while True:
            text = method.render(question, kept, template)
            if not kept or self.model.count_tokens(text) <= room:
                return text
            kept.pop()

    @cached_property
    def speed(self) -> Speed:
        """How fast this machine is now, for predictions."""
        self.progress("measuring how fast this machine answers now")
        return Speed(self.domain, self.plan, self.model, self.settings, self.record)

    def opening_s(self, names: Sequence[str]) -> float:
        """Seconds until these methods can be asked."""
        trained = any((self.path / "adapters").glob("[!.]*"))
        return sum(self.speed.opening(name, trained) for name in names if name not in self._methods)

    @cached_property
    def passage_tokens(self) -> float:
        """Tokens of a passage, on average."""
        some = self.passages[:50]
        return sum(self.model.count_tokens(f"{p.title}\n{p.text}") for p in some) / max(1, len(some))

    def work(self, name: str, answers: float) -> Work:
        """Of so many answers of a method, asked as the run did."""
        read = {"search": self.settings.top_k, "gold": 1}.get(spec_of(name).context, 0)
        return Work(answers=answers, tokens=read * self.passage_tokens)

    def corpus_tokens(self) -> float:
        return float(self.record["domain"].get("corpus_tokens") or 0)


def drawn(questions: Sequence[Question], many: int, seed: str) -> list[Question]:
    """At most so many, drawn by seed, in their own order."""
    if len(questions) <= many:
        return list(questions)
    places = sorted(random.Random(seed).sample(range(len(questions)), many))
    return [questions[place] for place in places]
