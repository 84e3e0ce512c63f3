"""Answers to be ranked: several of one method, sampled, or one of each of several methods."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from data import jsonl
from data.progress import Progress
from data.schema import Question
from evaluation.preferences.rankings import FOLDER
from evaluation.run.methods import Method
from model.sampling import Sampling

CANDIDATES = "candidates.jsonl"
_ROUNDS = 2  # times as many samples as answers are wanted, at most
_ALWAYS_ANSWERS = 1.0  # no chance of "unknown" is above it


class Candidates(BaseModel):
    """One line of candidates.jsonl: a question with different answers, and whose each is."""

    model_config = ConfigDict(frozen=True)

    drawing: str  # digest of how the answers were made
    question_id: str
    question: str
    answers: tuple[str, ...]
    sources: tuple[str, ...]  # nobody who ranks sees them


class Drawing(BaseModel):
    """How answers are made."""

    model_config = ConfigDict(frozen=True)

    methods: tuple[str, ...]  # several: one answer of each, as it gives it
    answers: int = 3  # of one method
    temperature: float = 0.9
    seed: int = 0

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()[:16]


def disagreement(answers: Sequence[str]) -> float:
    """How different answers are, from 0 (alike) to 1: the mean edit distance of two of them, over their length."""
    from rapidfuzz.distance import Levenshtein

    texts = [answer.lower() for answer in answers]
    apart = [Levenshtein.normalized_distance(a, b) for place, a in enumerate(texts) for b in texts[:place]]
    return sum(apart) / len(apart) if apart else 0.0


def most_telling(candidates: Sequence[Candidates], budget: int | None) -> list[Candidates]:
    """Those whose answers differ most, first, and no more than the budget: a ranking of like answers says little."""
    ordered = sorted(candidates, key=lambda one: -disagreement(one.answers))
    return ordered if budget is None else ordered[:budget]


def _answers(method: Method, questions: Sequence[Question], sampling: Sampling) -> list[str]:
    """One answer of a prepared method to each question."""
    texts, found = [prompt.text for prompt in method.trace(questions)], [""] * len(questions)
    with method.weights():
        for batch in method.model_.generate(texts, sampling, method.prefix_, method.settings.batch_size):
            for place, answer in batch:
                found[place] = answer.text.strip()
    return found


def _sampled(method: Method, questions: Sequence[Question], how: Drawing, progress: Progress) -> list[Candidates]:
    """The method's own answer and others drawn by chance, until there are as many different ones as are wanted.

    Where the method refuses by a threshold, the drawn ones are what it would say if it did not.
    """
    different: list[dict[str, str]] = [{} for _ in questions]
    rounds = _ROUNDS * how.answers
    for number in range(rounds):
        left = [place for place in range(len(questions)) if len(different[place]) < how.answers]
        if not left:
            break
        progress(f"sampling answers of {method.name}", number, rounds)
        drawn = {"temperature": how.temperature, "seed": how.seed * rounds + number, "refuse_above": _ALWAYS_ANSWERS}
        sampling = method.sampling_.model_copy(update=drawn if number else {})
        for place, text in zip(left, _answers(method, [questions[i] for i in left], sampling), strict=True):
            if text:
                different[place].setdefault(text, f"{method.name}, {'sampled' if number else 'as it answers'}")
    return _candidates(questions, different, how)


def _candidates(questions: Sequence[Question], different: Sequence[dict[str, str]], how: Drawing) -> list[Candidates]:
    return [
        Candidates(
            drawing=how.digest, question_id=question.id, question=question.question, answers=tuple(found),
            sources=tuple(found.values()),
        )
        for question, found in zip(questions, different, strict=True)
    ]  # fmt: skip


def draw(
    methods: Sequence[Method], questions: Sequence[Question], how: Drawing, progress: Progress
) -> list[Candidates]:
    """Different answers to each question; fewer than two where the methods, or all samples, say the same."""
    if len(methods) == 1:
        return _sampled(methods[0], questions, how, progress)
    different: list[dict[str, str]] = [{} for _ in questions]
    for number, method in enumerate(methods):
        progress("asking the methods", number, len(methods))
        for place, text in enumerate(_answers(method, questions, method.sampling_)):
            if text:
                different[place].setdefault(text, method.name)
    return _candidates(questions, different, how)


def kept_candidates(run: Path, how: Drawing) -> dict[str, Candidates]:
    """What was drawn before in this way, by question."""
    rows = jsonl.read_models(run / FOLDER / CANDIDATES, Candidates, torn=True, remedy="Delete the file.")
    return {row.question_id: row for row in rows if row.drawing == how.digest}


def newest_candidates(run: Path) -> list[Candidates]:
    """All that were made in the way in which the last one was."""
    rows = jsonl.read_models(run / FOLDER / CANDIDATES, Candidates, torn=True, remedy="Delete the file.")
    return list({row.question_id: row for row in rows if row.drawing == rows[-1].drawing}.values())


def keep_candidates(run: Path, drawn: Sequence[Candidates]) -> None:
    """Add what was drawn to the run's folder."""
    path = run / FOLDER / CANDIDATES
    path.parent.mkdir(exist_ok=True)
    jsonl.append(path, drawn, checked=True)
