"""What each training step reads: examples in a new order every epoch, contexts and rehearsal beside them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from finetune.examples import Example
from finetune.settings import TrainingSettings


@dataclass(frozen=True)
class Step:
    """What one change of the weights is made from: groups of examples, each read together."""

    epoch: int
    groups: Sequence[Sequence[Example]]


def epochs_of(examples: Sequence[Example], settings: TrainingSettings) -> list[Step]:
    """Epoch by epoch in a new seeded order; inside a stretch of eight batches, examples of one length go together.

    Examples that share a context are no part of the epochs: each context is read once, and they are spread evenly over
    the steps. Nor are those of the rehearsal, of which every step has its share.
    """
    order = random.Random(settings.seed)
    size, steps = settings.batch_size, []
    contexts: dict[int, list[Example]] = {}
    rehearsed: dict[int, list[Example]] = {}
    for example in examples:
        (rehearsed if example.rehearsal else contexts).setdefault(example.rehearsal or example.context, []).append(
            example
        )
    alone = contexts.pop(0, [])
    for epoch in range(settings.passes(len(alone)) if alone else 0):
        shuffled = list(alone)
        order.shuffle(shuffled)
        batches = []
        for at in range(0, len(shuffled), 8 * size):
            stretch = sorted(shuffled[at : at + 8 * size], key=lambda e: len(e.prompt) + len(e.completion))
            batches += [stretch[start : start + size] for start in range(0, len(stretch), size)]
        order.shuffle(batches)
        steps += [Step(epoch + 1, [batch]) for batch in batches]
    steps = _with_contexts(steps, list(contexts.values()))
    return _with_rehearsal(steps, list(rehearsed.values()), settings)


def _with_contexts(steps: Sequence[Step], contexts: Sequence[Sequence[Example]]) -> list[Step]:
    """The steps with the contexts beside them, as evenly as they go; without steps, each context is one."""
    if not steps:
        return [Step(1, [context]) for context in contexts]
    groups = [list(step.groups) for step in steps]
    for number, context in enumerate(contexts):
        groups[number * len(steps) // len(contexts)].append(context)
    return [Step(step.epoch, group) for step, group in zip(steps, groups, strict=True)]


def _with_rehearsal(
    steps: Sequence[Step], kinds: Sequence[Sequence[Example]], settings: TrainingSettings
) -> list[Step]:
    """The steps, each with some rehearsed examples: of one kind a step, in turns, each once before any comes again."""
    each = round(settings.rehearsal * settings.batch_size)
    if not kinds or not each:
        return list(steps)
    draw = random.Random(f"rehearsal {settings.seed}")
    waiting: list[list[Example]] = [[] for _ in kinds]
    beside = []
    for number, step in enumerate(steps):
        place = number % len(kinds)
        while len(waiting[place]) < each:
            waiting[place] += draw.sample(kinds[place], len(kinds[place]))
        group, waiting[place] = waiting[place][:each], waiting[place][each:]
        beside.append(Step(step.epoch, [*step.groups, group]))
    return beside
