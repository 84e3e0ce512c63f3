"""A run until decided: all methods answer the same questions, round by round, until the answers decide."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Protocol

from data.errors import Incapable, TriviumError
from data.progress import ScopedProgress
from data.schema import Question
from evaluation.run.actors import Actors, peak_of, processor_s, reset_peaks
from evaluation.run.folder import RunFolder
from evaluation.run.latency import AnyMethod
from evaluation.run.plan import Plan
from evaluation.run.preparing import Preparation
from evaluation.run.records import Phase
from evaluation.run.registry import MethodSpec, candidates, spec_of
from evaluation.run.run_record import fingerprint_of
from evaluation.run.settings import RunSettings
from evaluation.run.traced import TracedPrompt
from model.language_model import LanguageModel

Decided = Literal["ahead", "alike"]
Look = Callable[[Sequence[Question]], Decided | None]  # at the answers to these questions

_WORDS = {
    "ahead": "one method is ahead of all others",
    "alike": "no difference that matters can be left",
    "all asked": "nothing was decided on the way",
}


@dataclass
class Spent:
    """What a method took in rounds, before the rest of it is asked."""

    wall_s: float = 0.0
    processor_s: float = 0.0
    peak_bytes: int = 0


class Asking(Protocol):
    """What of a run loop asks in rounds."""

    settings: RunSettings
    plan: Plan
    model: LanguageModel
    folder: RunFolder
    progress: ScopedProgress
    record: dict[str, Any]
    spent: dict[str, Spent]
    actors: Actors | None

    def prepare(self, spec: MethodSpec, seed: int) -> tuple[AnyMethod, Preparation]: ...
    def ask_convergence(self, method: AnyMethod) -> None: ...
    def ask(self, method: AnyMethod, phase: Phase, prompts: Sequence[TracedPrompt], first: int = 0) -> None: ...
    def not_applicable(self, spec: MethodSpec, reason: Incapable) -> None: ...


def in_rounds(plan: Plan, prompts: Sequence[TracedPrompt]) -> Iterator[tuple[int, list[TracedPrompt]]]:
    """The prompts of each round with the place of its first question, after which its batches are numbered.

    A run that asks all has one round.
    """
    places = {question.id: place for place, question in enumerate(plan.questions)}
    for start, end in pairwise((0, *plan.rounds, len(plan.questions))):
        part = [prompt for prompt in prompts if start <= places[prompt.question.id] < end]
        if part:
            yield start, part


def ask_until_decided(runner: Asking, look: Look) -> Plan:
    """Prepare all methods that compete, and ask them round by round.

    Each look is at whole rounds from the first on, so a run that was stopped comes to the same end.

    Returns:
        The plan with the questions that were asked, those without an answer included: they are asked afterwards.

    Raises:
        TriviumError: the base weights changed.
    """
    plan, record = runner.plan, runner.record
    if not plan.rounds:
        return plan
    if "ending" not in record:
        fingerprint, why, end = fingerprint_of(runner.model), None, 0
        for start, end in pairwise((0, *plan.rounds)):
            for spec in map(spec_of, candidates(runner.settings.methods)):
                _ask_round(runner, spec, plan.questions[start:end], start)
            if why := look(plan.questions[:end]):
                break
        if fingerprint_of(runner.model) != fingerprint:
            raise TriviumError("the base weights changed while methods answered in turns; answers are not comparable.")
        record["ending"] = {
            "planned": plan.rounds[-1], "asked": end, "why": why or "all asked", "smallest": runner.settings.smallest
        }  # fmt: skip
        runner.folder.save_record(record)
    runner.progress.scope = ""
    ending = record["ending"]
    runner.progress.note(f"{ending['asked']} of {ending['planned']} questions asked: {_WORDS[ending['why']]}")
    return plan.until(ending["asked"])


def _ask_round(runner: Asking, spec: MethodSpec, questions: Sequence[Question], first: int) -> None:
    """One method's answers of a round; before its first, whether its training converged."""
    if spec.name in runner.record.get("not_applicable", {}):
        return
    runner.progress.scope = spec.name
    reset_peaks(runner.model.device, runner.actors)
    wall, processor = time.perf_counter(), processor_s(runner.actors)
    try:
        method, _ = runner.prepare(spec, runner.settings.seed)
    except Incapable as reason:
        runner.not_applicable(spec, reason)
        return
    runner.ask_convergence(method)
    runner.ask(method, "main", method.trace(method.askable(questions)), first)
    spent = runner.spent.setdefault(spec.name, Spent())
    spent.wall_s += time.perf_counter() - wall
    spent.processor_s += processor_s(runner.actors) - processor
    spent.peak_bytes = max(spent.peak_bytes, peak_of(runner.model.device, runner.actors) or 0)
