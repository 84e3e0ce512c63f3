"""Train a reader: an adapter that teaches a base model to use what stands in its prompt, and to say what does not."""

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.cache_entry import alone, cache_folder
from data.errors import TriviumError
from data.progress import Progress
from data.prompt import NO_ABSTENTION, PROMPT
from data.schema import Question
from finetune.checkpoint import Checkpoint
from finetune.examples import Example
from finetune.reader_examples import INSTRUCTIONS, Mixture, Reading
from finetune.settings import TrainingSettings
from finetune.skill import train_skill, write_skill
from finetune.steps import Step
from model.language_model import Trainable
from model.sampling import Sampling

RECIPE = TrainingSettings(rank=16, alpha=32, learning_rate=2e-3, epochs=1, batch_size=8, warmup=0.05)
RECORD = "reader.json"
_TOGETHER = 6  # questions without context that are read in one pass


def closed_book_examples(
    model: Trainable, questions: Sequence[Question], seed: int, progress: Progress
) -> list[Example]:
    """Questions without context, with what the base model itself says to them: so that it goes on saying it."""
    draw = random.Random(f"closed {seed}")
    prompts = []
    for question in questions:
        template = draw.choice((PROMPT, NO_ABSTENTION))
        instruction = draw.choice(INSTRUCTIONS).format(title="the world")
        prompts.append(model.render(template.messages(instruction, question.question)))
    examples: dict[int, Example] = {}
    for batch in model.generate(prompts, Sampling()):
        for place, answer in batch:
            # An answer that ran into the limit has no end to be learned.
            end = () if answer.finish_reason == "length" else (model.end_token(),)
            said = (*model.encode(answer.text), *end)
            if said:
                examples[place] = Example(tuple(model.encode(prompts[place])), said)
        progress("what the base model says without context", len(examples), len(prompts))
    return [examples[place] for place in sorted(examples)]


def _examples(model: Trainable, readings: Sequence[Reading], unknown: float) -> list[list[Example]]:
    """A group for each reading that fits into the model's window."""
    groups = [reading.examples(model, model.end_token(), unknown) for reading in readings]
    longest = [max(len(example.prompt) + len(example.completion) for example in group) for group in groups]
    return [group for group, length in zip(groups, longest, strict=True) if length <= model.window]


def steps_of(groups: Sequence[list[Example]], batch_size: int, seed: int) -> list[Step]:
    """Groups in a seeded order, as many a step as make about `batch_size` examples."""
    order = list(groups)
    random.Random(f"steps {seed}").shuffle(order)
    steps: list[Step] = []
    waiting: list[list[Example]] = []
    for group in order:
        waiting.append(group)
        if sum(map(len, waiting)) >= batch_size:
            steps.append(Step(1, waiting))
            waiting = []
    return steps + ([Step(1, waiting)] if waiting else [])


def _name_of(model: Trainable, steps: Sequence[Step], settings: TrainingSettings, half: bool) -> str:
    """16 digits that only the same training has: weights, settings, and every example in its order."""
    content = hashlib.sha256(f"{model.fingerprint()} {half} {settings.model_dump_json()}".encode())
    for step in steps:
        content.update(repr(step.groups).encode())
    return content.hexdigest()[:16]


def train_reader(
    model: Trainable,
    readings: Sequence[Reading],
    kept_out: Sequence[Reading],
    closed_book: Sequence[Question],
    mixture: Mixture,
    seed: int,
    out: Path,
    progress: Progress,
    half: bool = False,
    refuse_above: float | None = None,
) -> dict[str, Any]:
    """Train on the readings and on questions without context; write the adapter, in float16, and its record.

    A training that was stopped goes on where it was when the same is asked for again.

    Args:
        kept_out: readings that decide when training ends, and which of its adapters is taken.
        half: take the products of the training steps in bfloat16.
        refuse_above: what answers with this reader are refused above, where nothing else is asked for.

    Returns:
        The record: settings, curves, counts, digest.

    Raises:
        TriviumError: there is nothing to train on.
    """
    if not readings:
        raise TriviumError("there is no question with a document to train on.")
    closed = closed_book_examples(model, closed_book, seed, progress)
    groups = _examples(model, readings, mixture.unknown)
    counts = {"questions": sum(map(len, groups)), "contexts": len(groups), "closed_book": len(closed)}
    groups += [closed[at : at + _TOGETHER] for at in range(0, len(closed), _TOGETHER)]
    looks = _examples(model, kept_out, mixture.unknown)
    settings = RECIPE.model_copy(update={"seed": seed})
    steps = steps_of(groups, settings.batch_size, seed)
    name = _name_of(model, steps, settings, half)
    kept = cache_folder() / "readers" / name
    checkpoint = Checkpoint(kept.with_suffix(".partial"))
    with alone(kept, "reader", progress):
        weights, measured = train_skill(model, steps, looks, settings, checkpoint, progress, half)
    record = measured | counts | {"kept_out_questions": sum(map(len, looks)), "mixture": mixture.model_dump()}
    record |= {"refuse_above": refuse_above, "half_precision": half}
    record = write_skill(out, RECORD, model, weights, settings, record)
    checkpoint.drop()
    return record
