"""Train a writer: an adapter that asks about a sentence when it is told which answer is wanted."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from data.cache_entry import alone, cache_folder
from data.errors import TriviumError
from data.leaks import normalised
from data.progress import Progress
from data.schema import Domain, Question
from data.sentences import sentences
from finetune.checkpoint import Checkpoint
from finetune.examples import Example, Renderer
from finetune.self_study.spots import asked_of_a_writer, text_of
from finetune.settings import TrainingSettings
from finetune.skill import train_skill, write_skill
from finetune.steps import epochs_of
from model.language_model import Trainable

RECIPE = TrainingSettings(rank=16, alpha=32, learning_rate=2e-3, epochs=1, batch_size=16, warmup=0.05)
RECORD = "writer.json"
OPEN = 0.25  # share of the examples in which the writer is not told which answer is wanted
_WORDS = 8  # most words of an answer; longer ones are no values
_ASKED = range(4, 26)  # words of a question
_LOOKED_AT = 96  # most examples that decide when training ends


def _sentence(question: Question, texts: Iterable[str]) -> tuple[str, str, str] | None:
    """(sentence before, sentence, answer): that with the most words of the question, of those that hold an answer."""
    asked, best, most = set(normalised(question.question).split()), None, 0
    for text in texts:
        before = ""
        for sentence in sentences(text, "en"):
            words = f" {normalised(sentence)} "
            answer = next((a for a in question.answers if f" {normalised(a)} " in words and a in sentence), None)
            if answer and (shared := len(asked & set(words.split()))) > most:
                best, most = (before, sentence, answer), shared
            before = sentence
    return best


def triples(domain: Domain, questions: Sequence[Question]) -> Iterator[tuple[str, str, str]]:
    """(text, answer, question) of each question that a sentence of its documents answers in a few words."""
    for question in questions:
        asked = question.question.split()
        found = _sentence(question, (domain.document(name).text for name in question.document_ids))
        if found and len(asked) in _ASKED and len(found[2].split()) <= _WORDS:
            before, sentence, answer = found
            title = domain.document(question.document_ids[0]).title
            if normalised(answer) not in normalised(question.question):
                yield text_of(title, before, sentence), answer, question.question


def _some_open(taught: Iterable[tuple[str, str, str]], draw: random.Random) -> list[tuple[str, str, str]]:
    """Some without their answer, so that the writer also asks what no rule finds an answer for."""
    return [(text, "" if draw.random() < OPEN else answer, question) for text, answer, question in taught]


def examples_of(taught: Iterable[tuple[str, str, str]], model: Renderer, end: int) -> list[Example]:
    """The question is what the writer should say to text and answer."""
    return [
        Example(tuple(model.encode(model.render(asked_of_a_writer(text, answer)))), (*model.encode(question), end))
        for text, answer, question in taught
    ]


def train_writer(
    model: Trainable,
    taught: Sequence[tuple[str, str, str]],
    kept_out: Sequence[tuple[str, str, str]],
    limit: int,
    seed: int,
    out: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Train on at most `limit` triples drawn by seed; write the adapter, in float16, and its record.

    A training that was stopped goes on where it was when the same is asked for again.

    Args:
        kept_out: triples that decide when training ends, and which of its adapters is taken.

    Returns:
        The record: settings, curves, counts, digest.

    Raises:
        TriviumError: there is nothing to train on.
    """
    if not taught:
        raise TriviumError("there is no question whose answer stands in a sentence of its document.")
    draw, end = random.Random(f"writer {seed}"), model.end_token()
    chosen = _some_open(draw.sample(list(taught), min(limit, len(taught))), draw)
    looked_at = draw.sample(list(kept_out), min(_LOOKED_AT, len(kept_out)))
    settings = RECIPE.model_copy(update={"seed": seed})
    examples, looks = examples_of(chosen, model, end), examples_of(looked_at, model, end)
    content = f"{model.fingerprint()} {settings.model_dump_json()} {examples!r} {looks!r}"
    kept = cache_folder() / "writers" / hashlib.sha256(content.encode()).hexdigest()[:16]
    checkpoint = Checkpoint(kept.with_suffix(".partial"))
    steps = epochs_of(examples, settings)
    groups = [looks[at : at + settings.batch_size] for at in range(0, len(looks), settings.batch_size)]
    with alone(kept, "writer", progress):
        weights, measured = train_skill(model, steps, groups, settings, checkpoint, progress)
    counts = {"questions": len(chosen), "kept_out_questions": len(looks)}
    record = write_skill(out, RECORD, model, weights, settings, measured | counts)
    checkpoint.drop()
    return record
