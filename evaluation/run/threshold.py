"""Above which chance of "unknown" a method refuses: set on a domain's dev questions, never on those that are tested."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.schema import Question
from finetune.self_study.writing import agrees
from model.language_model import Logits, Prompt
from model.sampling import Sampling

LEAST, MOST = 10, 60  # dev questions of each kind: fewer say nothing of a threshold, more take too long
GRID = tuple(step / 20 for step in range(1, 21))  # 1: nothing is refused
NEVER = 1.0


@dataclass(frozen=True)
class Tried:
    """A dev question: the chance that the answer is "unknown", and whether the answer is right that is given else."""

    answerable: bool
    chance: float
    right: bool


def dev_questions(questions: Sequence[Question], seed: int) -> list[Question]:
    """Dev questions of both kinds, drawn by seed; none where there are too few of one kind."""
    draw, found = random.Random(f"threshold {seed}"), []
    for answerable in (True, False):
        kind = [question for question in questions if question.answerable is answerable]
        if len(kind) < LEAST:
            return []
        found += draw.sample(kind, min(MOST, len(kind)))
    return found


def is_right(question: Question, said: str) -> bool:
    """Whether an accepted answer is what was said, or a part of it. A rough judge: it only sets a threshold."""
    return any(agrees(said, answer) for answer in question.answers)


def curve_of(tried: Sequence[Tried]) -> list[dict[str, float]]:
    """For each threshold the shares of answerable questions refused and answered right, and of unanswerable refused."""
    answerable, others = ([one for one in tried if one.answerable is kind] for kind in (True, False))
    return [
        {
            "above": above,
            "answerable_refused": sum(one.chance > above for one in answerable) / len(answerable),
            "right": sum(one.right and one.chance <= above for one in answerable) / len(answerable),
            "unanswerable_refused": sum(one.chance > above for one in others) / len(others),
        }
        for above in GRID
    ]


def best(curve: Sequence[dict[str, float]]) -> float:
    """The threshold with most right answers and rightly refused questions, both kinds weighing the same; of equals the
    highest, which refuses least."""
    return max(curve, key=lambda point: (point["right"] + point["unanswerable_refused"], point["above"]))["above"]


def tried_out(
    model: Logits, questions: Sequence[Question], prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int]
) -> dict[str, Any]:
    """Ask a method's prompts with nothing refused; returns what `as_details` says."""
    chances = model.chances(prompts, model.abstention(), prefix)
    batches = model.generate(prompts, sampling.model_copy(update={"refuse_above": NEVER}), prefix)
    said = {place: answer.text for batch in batches for place, answer in batch}
    return as_details([
        Tried(question.answerable, chance, is_right(question, said[place]))
        for place, (question, chance) in enumerate(zip(questions, chances, strict=True))
    ])  # fmt: skip


def as_details(tried: Sequence[Tried]) -> dict[str, Any]:
    """For run.json: the threshold, its curve, and how many questions they are from."""
    curve = curve_of(tried)
    answerable = sum(one.answerable for one in tried)
    return {"above": best(curve), "curve": curve, "answerable": answerable, "unanswerable": len(tried) - answerable}
