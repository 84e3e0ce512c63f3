"""What of a run is done, what is worked on and what is left, with how long that will take; read off its folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from data.findings import counted
from evaluation.run.registry import adapted, spec_of

State = Literal["done", "now", "left"]
ENOUGH_S = 5.0  # predicted seconds of answering after which one can say how good the prediction is
CLOSE = 0.15  # of a factor that one calls "as predicted"
MARKS = {"done": "check_circle", "now": "play_circle", "left": "radio_button_unchecked"}


@dataclass(frozen=True)
class Step:
    """A part of a run.

    Args:
        seconds: that it was predicted to take in all; None where that is not known.
        share: of it that is done.
        answered: share of its answers that are there.
    """

    title: str
    state: State
    detail: str = ""
    seconds: float | None = None
    share: float = 0.0
    answered: float = 0.0


@dataclass(frozen=True)
class Left:
    """How long a run will go on.

    Args:
        seconds: by the prediction and by how fast it has been so far; None where nothing was predicted.
        factor: how many times longer than predicted the answers so far took; None where there are too few.
    """

    seconds: float | None
    factor: float | None

    def __str__(self) -> str:
        if self.seconds is None:
            return "How long it takes is being predicted."
        text = f"About {minutes(self.seconds)} left"
        if self.factor is None:
            return f"{text}, as predicted before it began."
        if abs(self.factor - 1) < CLOSE:
            return f"{text}. So far it went as predicted."
        return f"{text}. So far it took {self.factor:.1f} times as long as predicted."


def minutes(seconds: float) -> str:
    """Seconds as a person would say them."""
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def steps_of(record: Mapping[str, Any], answers: Mapping[str, int], measured: int, finished: bool) -> list[Step]:
    """All steps of a run, in order.

    Args:
        record: run.json.
        answers: counted by method.
        measured: methods whose single questions were timed.
        finished: whether results and reports are there.
    """
    methods: Sequence[str] = record.get("settings", {}).get("methods", [])
    estimate = record.get("estimate") or {}
    done = {name for name in methods if _complete(record, name)}
    parts = [_method(name, name in done, answers.get(name, 0), methods, estimate) for name in methods]
    parts.append(Step("Single questions, one at a time", "done" if methods and measured >= len(methods) else "left"))
    parts.append(Step("Grades and report", "done" if finished else "left"))
    first = Step("Model loaded, time predicted", "done" if estimate else "left")
    return _with_now([first, *parts])


def _complete(record: Mapping[str, Any], name: str) -> bool:
    seeds = record.get("methods", {}).get(name, {})
    wanted = 1 if not spec_of(name).seeded else record["settings"].get("training_seeds") or len(seeds) or 1
    return sum(bool(entry.get("complete")) for entry in seeds.values()) >= wanted


def _method(name: str, done: bool, count: int, methods: Sequence[str], estimate: Mapping[str, Any]) -> Step:
    """A method: what prepares it, and how many of its answers are there."""
    predicted = estimate.get("methods", {}).get(name, {})
    of = predicted.get("answers")
    trains = name in adapted(methods)[:1]
    before = "training, " if trains else ""
    told = f"{count:,} answers" if done or not of else f"{before if not count else ''}{count:,} of {of:,} answers"
    prepare, answer = predicted.get("prepare_s"), predicted.get("answer_s")
    if prepare is None:
        return Step(name, "done" if done else "left", told)
    share = 1.0 if done else min(1.0, count / of) if of else 0.0
    spent = (prepare if count else 0.0) + answer * share
    of_all = spent / max(1e-9, prepare + answer)
    return Step(name, "done" if done else "left", told, prepare + answer, of_all, share)


def _with_now(steps: Sequence[Step]) -> list[Step]:
    """The first step that is not done is the one that is worked on."""
    place = next((n for n, step in enumerate(steps) if step.state != "done"), None)
    return [replace(step, state="now") if n == place else step for n, step in enumerate(steps)]


def time_left(record: Mapping[str, Any], steps: Sequence[Step], took: float) -> Left:
    """By what is left to do, not by the clock: a run that was stopped and goes on is told the same.

    Args:
        took: seconds that the answers so far took.
    """
    estimate = record.get("estimate")
    if not estimate:
        return Left(None, None)
    parts = estimate.get("methods", {})
    predicted = sum(parts[s.title]["answer_s"] * s.answered for s in steps if s.title in parts)
    factor = took / predicted if predicted >= ENOUGH_S else None
    left = sum(step.seconds * (1 - step.share) for step in steps if step.seconds is not None and step.state != "done")
    return Left(left * (factor or 1.0), factor)


def share_done(steps: Sequence[Step]) -> float:
    """Of the whole run, by predicted seconds; by number of steps where nothing was predicted."""
    known = [step for step in steps if step.seconds is not None]
    if not known:
        return sum(step.state == "done" for step in steps) / max(1, len(steps))
    return sum((step.seconds or 0) * (1 if step.state == "done" else step.share) for step in known) / max(
        1e-9, sum(step.seconds or 0 for step in known)
    )
