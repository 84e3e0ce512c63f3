"""The run loop: prepare each method, ask it everything, measure it; a killed run goes on where it stopped."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from data.errors import Incapable, TriviumError
from data.files import sweep
from data.progress import ScopedProgress
from data.prompt import Passage
from data.schema import Category, Domain, Question
from evaluation.run.actors import Actors, peak_of, processor_s, reset_peaks
from evaluation.run.contestant import Contestant, look_for
from evaluation.run.estimate import estimate
from evaluation.run.folder import RunFolder
from evaluation.run.identity import other_versions
from evaluation.run.latency import AnyMethod, latencies_in_turns
from evaluation.run.mending import as_first_measured, mend
from evaluation.run.methods import Method
from evaluation.run.plan import Plan
from evaluation.run.preparing import Preparation
from evaluation.run.prompts import save_prompts
from evaluation.run.records import STEPS, Answer, Phase
from evaluation.run.registry import MethodSpec, spec_of, trainers
from evaluation.run.relevance import save_ranking
from evaluation.run.retention import TEMPLATE, asks_general, general_questions, neutral_loss
from evaluation.run.rounds import Look, Spent, ask_until_decided, in_rounds
from evaluation.run.run_record import (
    counted_tokens,
    fingerprint_of,
    model_entry,
    note_not_applicable,
    other_model,
    package_versions,
    prompt_frame,
)
from evaluation.run.settings import RunSettings
from evaluation.run.traced import TracedPrompt
from model.language_model import LanguageModel
from model.registry import load_model
from rag.embed import Embedder, SentenceEmbedder


@dataclass(frozen=True)
class MethodFinished:
    """All answers of a method are in the run's folder."""

    name: str


class Runner:
    """Carries one run through; everything it learns is in the run's folder at once.

    Args:
        embedder: for retrieval; default: the one that the settings name, loaded when it is first needed.
        look: of a run until decided: at the answers, after each round.
        actors: that answer batches in the place of this process.
    """

    def __init__(
        self, domain: Domain, settings: RunSettings, plan: Plan, model: LanguageModel, folder: RunFolder,
        progress: ScopedProgress, embedder: Embedder | None = None, look: Look | None = None,
        actors: Actors | None = None,
    ) -> None:  # fmt: skip
        self.domain, self.settings, self.plan, self.model = domain, settings, plan, model
        self.folder, self.given_embedder, self.look = folder, embedder, look
        self.progress, self.actors = progress, actors
        self.record = folder.record()
        self.answered_by = list(self.record.get("answered_by", []))  # before it was stopped
        self.answers: list[Answer] = []  # of finished batches
        self.prepared: dict[str, tuple[AnyMethod, Preparation]] = {}  # of the first seed
        self.spent: dict[str, Spent] = {}  # in rounds, with the first seed
        model.tell = self._note

    def _note(self, text: str) -> None:
        scope = f"{self.progress.scope}: " if self.progress.scope else ""
        self.record.setdefault("notes", []).append(f"{scope}{text}")
        self.progress.note(text)

    @cached_property
    def _plain_model(self) -> LanguageModel:
        """The same model without its trained reader."""
        self.progress(f"loading {self.model.plain_name}")
        model = load_model(self.model.plain_name, self.settings.model_options.told(self.progress))
        self.record["model"]["plain_fingerprint"] = fingerprint_of(model)
        return model

    @cached_property
    def _loaded_embedder(self) -> Embedder:
        if self.given_embedder:
            return self.given_embedder
        self.progress("loading the embedding model")
        return SentenceEmbedder(self.settings.embedder, self.settings.device)

    def run(self) -> Iterator[MethodFinished]:
        """Finish the run, one method after the other."""
        started, before = time.perf_counter(), float(self.record["seconds"])
        for note in self.model.notes:
            self._note(f"{self.model.name}: {note}")
        if others := other_versions(self.record, package_versions()):
            self._note(f"this run goes on with another version of the program than it was begun with: {others}.")
        self._save_model()
        sweep(self.folder.path)
        self._mend()
        self._save_questions()
        waiting = [name for name in self.settings.contestants if not self.record["methods"].get(name)]
        look_for(waiting, self.settings, self.folder.path, self.domain, self.plan.questions, self.progress)
        if "estimate" not in self.record:
            self.progress("predicting how long this takes")
            self.record["estimate"] = estimate(self.domain, self.plan, self.model, self.settings)
            self._save_record(before)
        if self.look:
            self.plan = ask_until_decided(self, self.look)
        for spec in map(spec_of, self.settings.methods):
            for seed in self.settings.seeds_of(spec):
                first = seed == self.settings.seed
                self.progress.scope = spec.name if first else f"{spec.name}, training seed {seed}"
                try:
                    self._finish_method(spec, seed)
                except Incapable as reason:
                    self.not_applicable(spec, reason)
                    break
                self._save_record(before + time.perf_counter() - started)
            self.progress.scope = ""
            yield MethodFinished(spec.name)
        self._measure_latencies()
        self._save_record(before + time.perf_counter() - started)
        self.record |= {"status": "complete", "lines": self.folder.count_lines()}
        self.folder.save_record(self.record)

    def _mend(self) -> None:
        """Keep what is whole in the folder; what is damaged is told, and asked or made again."""
        for sentence in mend(self.folder):
            self.progress.note(sentence)
        self.record = self.folder.record()
        self.answers = self.folder.answers()

    def _save_record(self, seconds: float) -> None:
        self.record["seconds"] = seconds
        if self.actors:
            self.record["answered_by"] = [*self.answered_by, self.actors.record()]
        self.folder.save_record(self.record)

    def _save_model(self) -> None:
        if began := self.record.get("model", {}).get("identity"):
            self.model.go_on_as(began)
        model = model_entry(self.model, self.settings)
        known = self.record.get("model", model)
        if changed := other_model(known, model):
            raise TriviumError(
                f"{self.folder.path}: the base model is not the one that this run began with (other: "
                f"{', '.join(changed)}). Go on with that one, or choose another --out."
            )
        self.record["model"] = known | model
        self.record["domain"] |= counted_tokens(self.domain, self.plan, self.model)
        self.record["prompt_frame"] = prompt_frame(self.model)
        self.folder.save_record(self.record)

    def _save_questions(self, more: Sequence[Question] = ()) -> None:
        """The questions as they were asked, so that a run can be read without its domain; those that are there stay."""
        asked = (*self.plan.questions, *self.plan.updated, *self.plan.convergence, *more)
        categories = [{"category": str(self.plan.categories.get(q.id, Category.TRAINED))} for q in asked]
        rows = [q.model_dump(mode="json") | category for q, category in zip(asked, categories, strict=True)]
        self.folder.add_rows("questions.jsonl", "id", rows)

    def not_applicable(self, spec: MethodSpec, reason: Incapable) -> None:
        """This model cannot be asked in this way; the other methods go on."""
        note_not_applicable(self.record, self.settings.methods, spec.name, reason)
        self.progress.note(f"n/a: {reason}")

    def _finish_method(self, spec: MethodSpec, seed: int) -> None:
        entry = self.record["methods"].setdefault(spec.name, {}).get(str(seed))
        if entry and entry["complete"]:
            return
        reset_peaks(self.model.device, self.actors)
        fingerprint, begun = fingerprint_of(self.model), (time.perf_counter(), processor_s(self.actors))
        method, preparation = self.prepare(spec, seed)
        self.folder.add_rows("chunks.jsonl", "chunk_id", map(asdict, preparation.chunks))
        peak = self._ask_before_changes(method, preparation.chunks)
        details = preparation.details | self._ask_retention(method) | self._ask_updated(method)
        spent = (self.spent.pop(spec.name, None) if seed == self.settings.seed else None) or Spent()
        after = fingerprint_of(self.model)
        if after != fingerprint:
            raise TriviumError(f"{spec.name}: the base weights changed while it ran; its answers are not comparable.")
        measured = {
            "complete": True,
            "answers": sum((a.method, a.seed) == (method.name, method.seed) for a in self.answers),
            "prepare_s": preparation.seconds,
            "prepare_calibrated_s": preparation.calibrated_s,
            "wall_s": spent.wall_s + time.perf_counter() - begun[0],
            "processor_s": spent.processor_s + processor_s(self.actors) - begun[1],
            "details": details,
            "memory_peak_bytes": peak and max(peak, spent.peak_bytes),
            "fingerprint_before": fingerprint,
            "fingerprint_after": after,
        }
        self.record["methods"][spec.name][str(seed)] = as_first_measured(measured, entry) if entry else measured

    def _new_method(self, spec: MethodSpec, seed: int) -> AnyMethod:
        training, path = self.plan.training, self.folder.path
        if spec.is_contestant:
            return Contestant(spec.name, self.settings, path, self.domain)
        return Method(spec.name, self.settings, path, training, lambda: self._loaded_embedder, seed, self.actors)

    def prepare(self, spec: MethodSpec, seed: int) -> tuple[AnyMethod, Preparation]:
        """A method ready to answer; that of the first seed is kept."""
        if seed == self.settings.seed and spec.name in self.prepared:
            return self.prepared[spec.name]
        method = self._new_method(spec, seed)
        made = method, method.prepare(self.domain, self.model, self.progress)
        if seed == self.settings.seed:
            self.prepared[spec.name] = made
        return made

    def _ask_before_changes(self, method: AnyMethod, chunks: Sequence[Passage]) -> int | None:
        """All questions about the documents as they are; returns the peak of memory, the plain model's left out."""
        spec, questions = method.spec, method.askable(self.plan.questions)
        prompts = method.trace(questions)
        save_ranking(self.folder, spec, prompts, chunks)
        for first, part in in_rounds(self.plan, prompts):
            self.ask(method, "main", part, first)
        if isinstance(method, Contestant):
            return None  # its memory is not seen
        self.ask_convergence(method)
        if spec.knows_nothing:
            known = [question for question in self.plan.questions if question.answerable]
            self.ask(method, "probe", method.trace(known, self.domain.settings.guessing))
        peak = peak_of(self.model.device, self.actors)
        if spec.plain_too and self.model.plain_name:
            with method.answered_by(self._plain_model):
                self.ask(method, "plain", prompts)
        return peak

    def ask_convergence(self, method: AnyMethod) -> None:
        """Whether training converged, a property of the adapter: asked without context, once a training."""
        if isinstance(method, Method) and method.name in trainers(self.settings.methods):
            self.ask(method, "convergence", method.trace(self._taught(method), closed_book=True))

    def _ask_retention(self, method: AnyMethod) -> dict[str, Any]:
        """What is known of the world, before training and after it."""
        if isinstance(method, Contestant) or not asks_general(method.spec, self.settings, method.seed):
            return {}
        questions = general_questions(self.settings)
        self._save_questions(questions)
        self.ask(method, "retention", method.trace(questions, TEMPLATE, closed_book=True))
        with method.weights():
            return {"neutral_loss": neutral_loss(self.model)}

    def _taught(self, method: Method) -> Sequence[Question]:
        """Training questions of a method, by which it can be seen whether its training converged."""
        if method.taught is None:
            return self.plan.convergence
        self._save_questions(method.taught)
        return method.taught

    def _ask_updated(self, method: AnyMethod) -> dict[str, Any]:
        """The second pass: documents, index and prompt change, the adapter does not; then ask about the changes."""
        if not self.plan.updated:
            return {}
        self.progress("taking in the changed documents")
        refresh = method.refresh(self.domain.updated(), self.progress)
        self.folder.add_rows("chunks.jsonl", "chunk_id", map(asdict, refresh.chunks))
        self.ask(method, "updated", method.trace(method.askable(self.plan.updated)))
        return {"refreshed_by": refresh.by, "refresh_s": refresh.seconds}

    def ask(self, method: AnyMethod, phase: Phase, prompts: Sequence[TracedPrompt], first: int = 0) -> None:
        """Ask what has not been answered yet; batches are numbered from `first` on."""
        if isinstance(method, Method):
            save_prompts(self.folder, prompts)
        key, own = (method.name, method.seed, phase), range(first, first + len(prompts))
        mine = [a for a in self.answers if (a.method, a.seed, a.phase) == key and a.batch in own]
        step, count = STEPS[phase].format(plain=self.model.plain_name), len(mine)
        self.progress(step, count, len(prompts))
        if count == len(prompts):
            return
        for answers in method.answer(prompts, phase, frozenset(answer.batch - first for answer in mine)):
            batch = [answer.model_copy(update={"batch": answer.batch + first}) for answer in answers]
            self.folder.append_answers(batch)
            self.answers += batch
            count += len(batch)
            self.progress(step, count, len(prompts))

    def _measure_latencies(self) -> None:
        """Single questions, all methods in turns; those of a stopped run that were not measured are prepared again."""
        known = {line.method for line in self.folder.latencies()}
        known |= self.record.get("not_applicable", {}).keys()
        missing = [spec_of(name) for name in self.settings.methods if name not in known]
        methods = [self.prepare(spec, self.settings.seed)[0] for spec in missing]
        askable = [(method, method.askable(self.plan.questions)) for method in methods]
        lines = latencies_in_turns(askable, self.settings.limits, self.progress)
        for name in dict.fromkeys(line.method for line in lines):
            self.folder.replace_latencies(name, [line for line in lines if line.method == name])

    def close(self) -> None:
        """End what contestants need on this machine."""
        for method, _ in self.prepared.values():
            if isinstance(method, Contestant):
                method.close()
