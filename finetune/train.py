"""LoRA training: a short loop over examples, loss on the answer only, the shared prefix read once a step."""

import math
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn import functional

from data.progress import Progress
from finetune.examples import Example
from finetune.settings import TrainingSettings
from model.base import BaseModel
from model.packed import PackedRows
from model.prefix import backbone, common_prefix


def _rate(step: int, steps: int, settings: TrainingSettings) -> float:
    """Share of the peak learning rate: a linear rise, then a half cosine down to zero."""
    rise = max(1, round(steps * settings.warmup))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _batches(examples: Sequence[Example], settings: TrainingSettings) -> Iterator[tuple[int, list[Example]]]:
    """Epoch by epoch in a new seeded order; inside a stretch of eight batches, examples of one length go together."""
    order = random.Random(settings.seed)
    size = settings.batch_size
    for epoch in range(settings.passes(len(examples))):
        shuffled = list(examples)
        order.shuffle(shuffled)
        batches = []
        for at in range(0, len(shuffled), 8 * size):
            stretch = sorted(shuffled[at : at + 8 * size], key=lambda e: len(e.prompt) + len(e.completion))
            batches += [stretch[start : start + size] for start in range(0, len(stretch), size)]
        order.shuffle(batches)
        yield from ((epoch, batch) for batch in batches)


def batch_loss(model: BaseModel, batch: Sequence[Example], shared: int) -> torch.Tensor:
    """Mean negative log-likelihood of all completion tokens of the batch.

    The first `shared` tokens, the same in every example of the training, are read once with gradients; the vocabulary
    product is taken only where there is a label.
    """
    rows = [[*example.prompt, *example.completion][shared:] for example in batch]
    width, device = max(map(len, rows)) - 1, model.network.device
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    labels = torch.full_like(ids, -1)
    for place, (row, example) in enumerate(zip(rows, batch, strict=True)):
        length, answer = len(row) - 1, len(example.completion)
        ids[place, :length] = torch.tensor(row[:-1])
        labels[place, length - answer : length] = torch.tensor(row[-answer:])
    hidden = _hidden(model, batch[0].prompt[:shared], ids.to(device))
    labels = labels.to(device)
    logits = model.network.get_output_embeddings()(hidden[labels >= 0])
    return functional.cross_entropy(logits.float(), labels[labels >= 0])


def _hidden(model: BaseModel, prefix: Sequence[int], rows: torch.Tensor) -> torch.Tensor:
    """Hidden states (rows, width, size). What pads a row stands behind its end: no label is there, no token sees it."""
    network = backbone(model.network)
    if not prefix:
        plain: torch.Tensor = network(input_ids=rows, use_cache=False).last_hidden_state
        return plain
    packed = PackedRows(prefix, rows)
    with packed.attended():
        output = network(
            input_ids=packed.token_ids,
            position_ids=packed.position_ids,
            attention_mask=packed.unused_mask,
            use_cache=False,
        )
    hidden: torch.Tensor = output.last_hidden_state[0, len(prefix) :].unflatten(0, rows.shape)
    return hidden


def train(
    model: BaseModel,
    parameters: list[torch.nn.Parameter],
    examples: Sequence[Example],
    settings: TrainingSettings,
    progress: Progress,
) -> dict[str, Any]:
    """Train `parameters` (of the adapter that is switched on) on the examples.

    Returns:
        The curve [{step, epoch, loss, learning_rate}], seconds, steps, examples and tokens seen.
    """
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=0.0)
    shared = common_prefix([example.prompt for example in examples]) if model.shares_prefixes else 0
    steps = settings.passes(len(examples)) * sum(
        math.ceil(min(8 * settings.batch_size, len(examples) - at) / settings.batch_size)
        for at in range(0, len(examples), 8 * settings.batch_size)
    )
    curve, started, tokens = [], time.perf_counter(), 0
    for step, (epoch, batch) in enumerate(_batches(examples, settings)):
        rate = settings.learning_rate * _rate(step, steps, settings)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = batch_loss(model, batch, shared)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, settings.clip)
        optimizer.step()
        tokens += sum(len(example.prompt) + len(example.completion) for example in batch)
        curve.append({"step": step + 1, "epoch": epoch + 1, "loss": round(loss.item(), 5), "learning_rate": rate})
        progress(f"training, loss {loss.item():.3f}", step + 1, steps)
    seconds = time.perf_counter() - started
    return {"curve": curve, "seconds": seconds, "steps": steps, "examples": len(examples), "tokens": tokens}
