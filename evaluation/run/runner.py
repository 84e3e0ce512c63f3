"""The run loop: prepare each method, ask it everything, measure it, grade it; a killed run goes on where it stopped."""

import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import mean
from typing import Any

from data.errors import TriviumError
from data.files import sweep, write_json
from data.leaks import Leak
from data.prompt import FRAME, NO_ABSTENTION, PROMPT
from data.schema import Category, Domain, Question
from evaluation.analysis.ranking import DEPTH, relevance
from evaluation.analysis.results import build_results
from evaluation.cli.display import Display
from evaluation.grading.grader import Grader
from evaluation.grading.score import score_answers
from evaluation.run import lock
from evaluation.run.estimate import estimate
from evaluation.run.folder import SCHEMA_VERSION, RunFolder
from evaluation.run.methods import PLAIN_TOO, RECIPES, Road
from evaluation.run.plan import Plan
from evaluation.run.records import Latency, Phase
from evaluation.run.settings import RunSettings
from evaluation.table import rows_of
from model.base import BaseModel
from model.memory import peak_bytes, reset_peak
from model.operations import shapes_of
from rag.embed import Embedder, SentenceEmbedder
from rag.gold import GoldPassage
from rag.retrieve import Retrieval

PACKAGES = ("torch", "transformers", "peft", "sentence-transformers", "faiss-cpu", "trivium")


def new_record(
    domain: Domain, settings: RunSettings, plan: Plan, name: str, digest: str, leaks: Sequence[Leak] = ()
) -> dict[str, Any]:
    """What run.json holds before anything was computed."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": name,
        "status": "running",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "digest": digest,
        "settings": settings.model_dump(mode="json"),
        "domain": {
            "name": domain.name,
            "n_documents": len(domain.documents),
            "n_questions": len(domain.questions),
            "n_facts": len({q.fact_id for q in domain.questions if q.answerable}),
            "gate": domain.settings.gate,
            "mix": {str(category): share for category, share in domain.settings.mix.items()},
            "instruction": domain.settings.instruction,
            "style_pattern": domain.settings.style.get("pattern", ""),
            "n_updates": len(domain.updates),
        },
        "training": {
            "wordings": len(plan.training),
            "drafted": sum(bool(question.meta.get("drafted")) for question in plan.training),
            "by_hand": sum(not question.meta.get("drafted") for question in plan.training),
            "writing_s": sum(float(question.meta.get("writing_s", 0)) for question in plan.training),  # of drafted ones
            "facts": None if plan.trained_facts is None else sorted(plan.trained_facts),
            "styled_facts": sorted({q.fact_id for q in plan.training if q.category is Category.STYLE}),
            "reversed_facts": sorted({q.fact_id for q in plan.training if q.category is Category.REVERSED}),
        },
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "prompt": asdict(PROMPT),
        "leaks": [asdict(leak) for leak in leaks],  # not empty only where the user allowed them
        "methods": {},
        "seconds": 0.0,
    }


class Runner:
    """Carries one run through; everything it learns is in the run's folder at once.

    Args:
        embedder: for retrieval; default: the one that the settings name, loaded when it is first needed.
    """

    def __init__(
        self, domain: Domain, settings: RunSettings, plan: Plan, model: BaseModel, folder: RunFolder, display: Display,
        embedder: Embedder | None = None,
    ) -> None:  # fmt: skip
        self.domain, self.settings, self.plan, self.model = domain, settings, plan, model
        self.folder, self.display, self.embedder = folder, display, embedder
        self.record = folder.record()
        self.grader = Grader()
        self.plain_model: BaseModel | None = None
        model.tell = self._note

    def _note(self, text: str) -> None:
        self.record.setdefault("notes", []).append(f"{self.display.scope}: {text}")
        self.display.note(text)

    def run(self) -> dict[str, Any]:
        """Finish the run and return its results."""
        started = time.perf_counter()
        before = float(self.record["seconds"])
        self._save_model()
        sweep(self.folder.path)
        self.folder.drop_torn_answers()
        self._save_questions()
        if "estimate" not in self.record:
            self.display("predicting how long this takes")
            self.record["estimate"] = estimate(self.domain, self.plan, self.model, self.settings)
        for name in self.settings.methods:
            for seed in self._seeds(name):
                self.display.scope = name if seed == self.settings.seed else f"{name}, training seed {seed}"
                self._finish_method(name, seed)
                self.record["seconds"] = before + time.perf_counter() - started
                self.folder.save_record(self.record)
            self.display.scope = ""
            results = self._results()
            for row in rows_of(name, results):
                self.display.row(row)
        self.record["status"] = "complete"
        self.folder.save_record(self.record)
        results = self._results()
        write_json(self.folder.path / "results.json", results)
        return results

    def _seeds(self, name: str) -> Sequence[int]:
        return self.settings.seeds if "lora" in name else (self.settings.seed,)

    def _save_model(self) -> None:
        model = {
            "name": self.model.name,
            "parameters": self.model.parameters,
            "window": self.model.window,
            "device": self.model.device,
            "fingerprint": self.model.fingerprint(),
            "refuse_above": self.model.settled(self.settings.sampling).refuse_above,
            "plain_name": self.model.plain_name,  # without its trained reader; empty where it has none
            "shapes": asdict(shapes_of(self.model.network)),
        }
        known = self.record.get("model", model)
        if any(known.get(key, value) != value for key, value in model.items()):
            raise TriviumError(f"{self.folder.path}: the base model is not the one that this run began with.")
        self.record["model"] = known | model
        self._count_tokens()
        system, user = FRAME
        self.record["prompt_frame"] = self.model.render(
            [{"role": "system", "content": system}, {"role": "user", "content": user}]
        )
        self.folder.save_record(self.record)

    def _count_tokens(self) -> None:
        """Tokens of the corpus and of a question, which prices are asked for."""
        count = self.model.count_tokens
        self.record["domain"]["corpus_tokens"] = sum(count(f"{d.title}\n{d.text}") for d in self.domain.documents)
        self.record["domain"]["question_tokens"] = mean(count(question.question) for question in self.plan.questions)

    def _save_questions(self) -> None:
        """The questions as they were asked, so that a run can be read and graded without its domain."""
        rows = []
        asked = (*self.plan.questions, *self.plan.updated, *self.plan.convergence)
        for question in {q.id: q for q in asked}.values():
            category = self.plan.categories.get(question.id, Category.TRAINED)
            rows.append(question.model_dump(mode="json") | {"category": str(category)})
        self.folder.write_rows("questions.jsonl", rows)

    def _questions_of(self, road: Road) -> Sequence[Question]:
        return _answerable_by(road, self.plan.questions)

    def _finish_method(self, name: str, seed: int) -> None:
        entry = self.record["methods"].setdefault(name, {}).get(str(seed))
        if entry and entry["complete"]:
            return
        if "rag" in name and self.embedder is None and self.settings.search_by != "words":
            self.display("loading the embedding model")
            self.embedder = SentenceEmbedder(self.settings.embedder, self.settings.device)
        road = Road(name, self.settings, self.folder.path, self.plan.training, self.embedder, seed)
        reset_peak()
        fingerprint = self.model.fingerprint()
        preparation = road.prepare(self.domain, self.model, self.display)
        self._save_prompts(road, preparation.chunks)
        self._ask(road, "main", self._questions_of(road))
        if name == next((method for method in self.settings.methods if RECIPES[method].adapted), None):
            self._ask(road, "convergence", self.plan.convergence)  # one adapter a seed, so once is enough
        if name == "base":
            self._ask(road, "probe", [q for q in self.plan.questions if q.answerable])
        if seed == self.settings.seed:
            self._measure_latency(road)
        peak = peak_bytes()
        if self.model.plain_name and name in PLAIN_TOO:
            self._ask_plain(road)
        details = preparation.details | self._ask_updated(road)
        after = self.model.fingerprint()
        if after != fingerprint:
            raise TriviumError(f"{name}: the base weights changed while it ran; its answers are not comparable.")
        self.record["methods"][name][str(seed)] = {
            "complete": True,
            "prepare_s": preparation.seconds,
            "details": details,
            "memory_peak_bytes": peak,
            "fingerprint_before": fingerprint,
            "fingerprint_after": after,
        }

    def _ask_plain(self, road: Road) -> None:
        """The same prompts to the model without its trained reader, so that nobody takes the one for the other."""
        if self.plain_model is None:
            self.display(f"loading {self.model.plain_name}")
            self.plain_model = BaseModel(self.model.plain_name, self.model.device)
            self.record["model"]["plain_fingerprint"] = self.plain_model.fingerprint()
        with road.answered_by(self.plain_model):
            self._ask(road, "plain", self._questions_of(road))

    def _ask_updated(self, road: Road) -> dict[str, Any]:
        """The second pass: documents, index and prompt change, the adapter does not; then ask about the changes."""
        if not self.plan.updated:
            return {}
        self.display("taking in the changed documents")
        refresh = road.refresh(self.domain.updated(), self.display)
        self._save_chunks(refresh.chunks)
        self._ask(road, "updated", _answerable_by(road, self.plan.updated))
        return {"refreshed_by": refresh.by, "refresh_s": refresh.seconds}

    def _ask(self, road: Road, phase: Phase, questions: Sequence[Question]) -> None:
        """Ask what has not been answered yet."""
        mine = [a for a in self.folder.answers() if (a.method, a.seed, a.phase) == (road.name, road.seed, phase)]
        done, template = frozenset(answer.batch for answer in mine), NO_ABSTENTION if phase == "probe" else PROMPT
        step = {"main": "answering", "convergence": "trained wordings", "probe": "what the base model knows",
                "updated": "asking about changes", "plain": f"asking {self.model.plain_name}"}[phase]  # fmt: skip
        count = len(mine)
        self.display(step, count, len(questions))
        if count == len(questions):
            return
        for batch in road.answer(questions, phase, done, template):
            self.folder.append_answers(batch)
            count += len(batch)
            self.display(step, count, len(questions))

    def _measure_latency(self, road: Road) -> None:
        """Ask some questions one at a time: cold (each as in a new process), then warm (with all prefixes read)."""
        limits = self.settings.limits
        questions = self._questions_of(road)[:: max(1, len(self._questions_of(road)) // limits.latency_warm)]
        series = [(q, True) for q in questions[: limits.latency_cold]]
        series += [(q, False) for q in questions[: limits.latency_warm]]
        lines = []
        for number, (question, cold) in enumerate(series):
            _, first, total = road.ask(question, cold)
            lines.append(Latency(method=road.name, question_id=question.id, cold=cold, ttft_s=first, total_s=total))
            self.display("one question at a time", number + 1, len(series))
        self.folder.replace_latencies(road.name, lines)

    def _save_prompts(self, road: Road, chunks: Sequence[Any]) -> None:
        """chunks.jsonl, prompts.jsonl and, for retrieval, the ranks of the gold passages."""
        self._save_chunks(chunks)
        questions = self._questions_of(road)
        rows = [row for row in self.folder.rows("prompts.jsonl") if row["method"] != road.name]
        for question, (prompt, context) in zip(questions, road.prompts(questions), strict=True):
            chunk_ids = [passage.chunk_id for passage in context.passages]
            rows.append(
                {"method": road.name, "question_id": question.id, "chunk_ids": chunk_ids, "characters": len(prompt)}
            )
        self.folder.write_rows("prompts.jsonl", rows)
        if isinstance(road.source_, Retrieval):
            ranked = road.source_.ranked(questions, DEPTH)
            judged = (relevance(q, context, chunks) for q, context in zip(questions, ranked, strict=True))
            self.folder.write_rows("retrieval.jsonl", (row for row in judged if row))

    def _save_chunks(self, chunks: Sequence[Any]) -> None:
        known = {row["chunk_id"]: row for row in self.folder.rows("chunks.jsonl")}
        known |= {chunk.chunk_id: asdict(chunk) for chunk in chunks}
        self.folder.write_rows("chunks.jsonl", known.values())

    def _results(self) -> dict[str, Any]:
        started = time.perf_counter()
        self.folder.write_rows("scores.jsonl", score_answers(self.folder, self.grader))
        spent = time.perf_counter() - started
        self.record["grading_s"] = self.record.get("grading_s", 0.0) + spent
        self.folder.save_record(self.record)
        return build_results(self.folder)


def _answerable_by(road: Road, questions: Sequence[Question]) -> Sequence[Question]:
    """Those that a prepared method can be asked: the oracle only what has a gold passage."""
    source = road.source_
    return [q for q in questions if source.can_answer(q)] if isinstance(source, GoldPassage) else questions


def start_or_continue(
    domain: Domain,
    settings: RunSettings,
    plan: Plan,
    path: Path,
    digest: str,
    display: Display,
    leaks: Sequence[Leak] = (),
) -> dict[str, Any]:
    """Run into `path`: a new folder, or one in which the same run was begun before.

    Raises:
        TriviumError: the folder holds something else.
    """
    folder = RunFolder(path)
    if folder.exists():
        if folder.record()["digest"] != digest:
            raise TriviumError(f"{path}: another run is kept there (other settings or data). Choose another --out.")
    elif path.exists() and any(entry.name not in lock.FILES for entry in path.iterdir()):
        raise TriviumError(f"{path}: the folder is not empty and holds no run. Choose another --out.")
    display(f"loading the model {settings.model} (its weights are converted the first time)")
    created = not path.exists()
    path.mkdir(parents=True, exist_ok=True)  # a place that cannot be written is told before the long work
    try:
        model = BaseModel(settings.model, settings.device)
    except TriviumError:
        if created:
            path.rmdir()
        raise
    if not folder.exists():
        folder.save_record(new_record(domain, settings, plan, path.name, digest, leaks))
    return Runner(domain, settings, plan, model, folder, display).run()
