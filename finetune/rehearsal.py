"""Rehearsal: general questions in every step, answered as the base model answers them, so that training breaks less.

Of what it knew before, a network keeps what it goes on practising (Robins 1995, "Catastrophic forgetting, rehearsal
and pseudorehearsal"). What is right does not matter here: the aim is what the untrained model says, token by token (Li
and Hoiem 2016, "Learning without Forgetting", arXiv 1606.09282).
"""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from data.cache_entry import cache_folder, is_entry, obtain
from data.files import read_text, write_json
from data.progress import Progress
from data.prompt import INSTRUCTION, NO_ABSTENTION
from finetune.examples import Example
from finetune.self_study.teacher import TOP, taught, write_said
from model.language_model import Prompt, Trainable, prefix_of
from model.sampling import Sampling
from model.speed import meter_of

FILE = Path(__file__).with_name("rehearsal.toml")
SAMPLING = Sampling(max_new_tokens=16)  # of an answer the first tokens decide; refusing is as the model does it
_SAID, _ANSWERS, _RECORD = "said.safetensors", "answers.json", "rehearsal.json"


@cache
def rehearsal_questions() -> tuple[str, ...]:
    """General questions in English, none of which asks what retention asks."""
    return tuple(tomllib.loads(read_text(FILE))["questions"])


@dataclass(frozen=True)
class Rehearsal:
    """General questions as examples, and what asking the base model took."""

    examples: list[Example]
    record: dict[str, Any]  # questions, seconds, calibrated_s


def _prompts(model: Trainable, questions: Sequence[str]) -> list[list[Prompt]]:
    """Every second question with nothing beside it, the others in a prompt that asks for a guess; none names a domain.

    The domain's own prompt is for its questions: with general ones in it, fewer new wordings of what was taught came
    out right (docs/finetuning.md).
    """
    bare = [model.render([{"role": "user", "content": question}]) for question in questions[::2]]
    guessing = [model.render(NO_ABSTENTION.messages(INSTRUCTION, question)) for question in questions[1::2]]
    return [bare, guessing]


def _answered(model: Trainable, prompts: Sequence[Prompt], progress: Progress) -> list[list[int]]:
    """What the model says after each prompt, as token ids, with the end where it came to one."""
    said: dict[int, list[int]] = {}
    for batch in model.generate(prompts, SAMPLING, prefix_of(model, prompts)):
        for place, answer in batch:
            end = [model.end_token()] if answer.finish_reason == "stop" else []
            said[place] = model.encode(answer.text) + end or [model.end_token()]
        progress("asking what training should not break", len(said), len(prompts))
    return [said[place] for place in range(len(prompts))]


def _asked(model: Trainable) -> list[tuple[Prompt, Example]]:
    """Every question as an example that says nothing yet; its number is that of the kind of prompt."""
    kinds = _prompts(model, rehearsal_questions())
    return [
        (prompt, Example(tuple(model.encode(prompt)), (), rehearsal=number))
        for number, kind in enumerate(kinds, 1)
        for prompt in kind
    ]


def _place(model: Trainable, asked: Sequence[tuple[Prompt, Example]]) -> Path:
    content = [model.fingerprint(), model.device, TOP, SAMPLING.model_dump(), [example.prompt for _, example in asked]]
    return cache_folder() / "rehearsals" / hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def kept_rehearsal(model: Trainable) -> Rehearsal | None:
    """What the model said to the questions, where it lies in the cache."""
    asked = _asked(model)
    folder = _place(model, asked)
    return _read(folder, [example for _, example in asked]) if is_entry(folder) else None


def foreseen_rehearsal(model: Trainable) -> list[Example]:
    """Examples as long as those that there will be, whose answers are not asked for."""
    stand_in = (model.end_token(),) * SAMPLING.max_new_tokens
    return [replace(example, completion=stand_in) for _, example in _asked(model)]


def _read(folder: Path, asked: Sequence[Example]) -> Rehearsal:
    answers = json.loads(read_text(folder / _ANSWERS))
    examples = [replace(example, completion=tuple(said)) for example, said in zip(asked, answers, strict=True)]
    return Rehearsal(taught(folder / _SAID, examples, 1.0), json.loads(read_text(folder / _RECORD)))


def obtain_rehearsal(model: Trainable, progress: Progress) -> Rehearsal:
    """The questions with what the untrained model says to them: from the cache, or asked now.

    An example's aim is the model's own distribution and not one answer. Nothing may be switched on.
    """
    asked = _asked(model)
    folder = _place(model, asked)
    examples = [example for _, example in asked]

    def make(scratch: Path) -> None:
        meter = meter_of(model)
        meter.look()
        started = meter.now()
        answers: list[list[int]] = []
        for number in sorted({example.rehearsal for example in examples}):
            prompts = [prompt for prompt, example in asked if example.rehearsal == number]
            answers += _answered(model, prompts, progress)
        told = [replace(example, completion=tuple(said)) for example, said in zip(examples, answers, strict=True)]
        write_said(scratch / _SAID, model, told, [str(example.rehearsal) for example in told], progress)
        meter.look()
        ended = meter.now()
        write_json(scratch / _ANSWERS, answers)
        took = {"seconds": ended.clock - started.clock, "calibrated_s": meter.calibrated(started, ended)}
        write_json(scratch / _RECORD, {"questions": len(examples)} | took)

    obtain(folder, make, "answers to general questions", progress)
    return _read(folder, examples)
