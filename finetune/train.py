"""LoRA training: a short loop over examples, loss on the answer only, what examples share read once a step."""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn import functional

from data.progress import Progress
from finetune.checkpoint import Checkpoint
from finetune.checkpointing import recomputing
from finetune.examples import Example
from finetune.merged import merged_products
from finetune.settings import TrainingSettings
from finetune.steps import Step
from model.decoding.packed import PackedRows
from model.decoding.prefix import backbone, common_prefix
from model.language_model import Trainable
from model.memory import memory_for
from model.speed import Speedometer, speedometer

_STEP_MEMORY = ("a training step", "Use a smaller --train-batch-size, --gradient-checkpointing, a smaller --rank, or "
                "--load-in 4bit. What was trained so far is kept.")  # fmt: skip
AfterStep = Callable[[int, dict[str, Any]], bool]
Gradients = Callable[[Trainable, int, Step], float]  # of the step of this number, left in the parameters; its loss


def _rate(step: int, steps: int, settings: TrainingSettings) -> float:
    """Share of the peak learning rate: a linear rise, then a half cosine down to zero."""
    rise = max(1, round(steps * settings.warmup))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def batch_loss(model: Trainable, batch: Sequence[Example], shared: int) -> torch.Tensor:
    """Weighted mean negative log-likelihood of all completion tokens of the batch.

    The first `shared` tokens, the same in every example of the batch, are read once with gradients; the vocabulary
    product is taken only where there is a label.
    """
    rows = [[*example.prompt, *example.completion][shared:-1] for example in batch]
    hidden = hidden_states(model, batch[0].prompt[:shared], rows)
    places: list[int] = []
    end = 0
    for row, example in zip(rows, batch, strict=True):
        end += len(row)
        places += range(end - len(example.completion), end)
    device = hidden.device
    labels = torch.tensor([token for example in batch for token in example.completion], device=device)
    weights = torch.tensor([e.weight for e in batch for _ in e.completion], dtype=torch.float32, device=device)
    logits = model.network.get_output_embeddings()(hidden[places]).float()
    losses = functional.cross_entropy(logits, labels, reduction="none")
    return (_with_teachers(losses, logits, batch) * weights).sum() / weights.sum()


def _with_teachers(losses: torch.Tensor, logits: torch.Tensor, batch: Sequence[Example]) -> torch.Tensor:
    """The losses (tokens) of the completions, for taught tokens mixed with the divergence from what the teacher says.

    Kullback and Leibler's, over the tokens that were kept, whose chances are made to sum up to 1.
    """
    places, tokens, chances, shares, at = list[int](), list[Any](), list[Any](), list[float](), 0
    for example in batch:
        if example.teacher:
            places += range(at, at + len(example.completion))
            tokens += example.teacher.tokens
            chances += example.teacher.chances
            shares += [example.teacher.share] * len(example.completion)
        at += len(example.completion)
    if not places:
        return losses
    known = torch.tensor(chances, device=logits.device).log_softmax(dim=-1)
    said = logits[places].log_softmax(dim=-1).gather(1, torch.tensor(tokens, device=logits.device))
    apart = (known.exp() * (known - said)).sum(dim=-1)
    share = torch.tensor(shares, device=logits.device)
    return losses.index_copy(
        0, torch.tensor(places, device=logits.device), (1 - share) * losses[places] + share * apart
    )


def weight_of(examples: Sequence[Example]) -> float:
    """Completion tokens of the examples, each with its weight in the loss."""
    return sum(example.weight * len(example.completion) for example in examples)


def _shared(model: Trainable, group: Sequence[Example]) -> int:
    return common_prefix([example.prompt for example in group]) if model.shares_prefixes else 0


def step_gradients(model: Trainable, groups: Sequence[Sequence[Example]], total: float | None = None) -> float:
    """Add the gradients of one step, read group by group; returns its weighted mean loss over completion tokens.

    Args:
        total: weight of the whole step, where these groups are a share of it; loss and gradients are then its parts.
    """
    total, loss = sum(map(weight_of, groups)) if total is None else total, 0.0
    for group in groups:
        part = batch_loss(model, group, _shared(model, group)) * (weight_of(group) / total)
        part.backward()  # type: ignore[no-untyped-call]
        loss += part.item()
    return loss


@torch.no_grad()
def mean_loss(model: Trainable, groups: Sequence[Sequence[Example]]) -> float:
    """Weighted mean loss over all completion tokens, with the weights as they are."""
    summed = sum(batch_loss(model, group, _shared(model, group)).item() * weight_of(group) for group in groups)
    return summed / sum(map(weight_of, groups))


def hidden_states(model: Trainable, prefix: Sequence[int], rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """Hidden states of all rows' tokens, one row after the other: (tokens, size)."""
    network, device = backbone(model.network), model.network.device
    if not prefix and not model.virtual:
        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=device)
        inside = torch.arange(width) < torch.tensor(list(map(len, rows))).unsqueeze(1)
        # What pads a row stands behind its end: no token sees it.
        plain: torch.Tensor = network(input_ids=ids, use_cache=False).last_hidden_state[inside.to(device)]
        return plain
    packed = PackedRows(prefix, rows, device, model.virtual)
    with packed.attending():
        output = network(
            input_ids=packed.token_ids,
            position_ids=packed.position_ids,
            attention_mask=packed.unused_mask,
            use_cache=False,
        )
    hidden: torch.Tensor = output.last_hidden_state[0, len(prefix) :]
    return hidden


def alone(model: Trainable, number: int, step: Step) -> float:
    """The gradients of a step, by this process."""
    return step_gradients(model, step.groups)


class _Spent:
    """Seconds of a training, those before it was stopped included.

    Of several processes one is seen, which also waits for the others: how busy the machine was cannot be told then.
    """

    def __init__(self, device: str, kept: dict[str, Any], alone: bool) -> None:
        self.meter = speedometer(device) if alone else Speedometer()
        self.seconds = float(kept.get("seconds", 0))
        self.calibrated_s = float(kept.get("calibrated_s", self.seconds))
        self.started = self.meter.now()

    def so_far(self) -> dict[str, float]:
        now = self.meter.now()
        calibrated = self.calibrated_s + self.meter.calibrated(self.started, now)
        return {"seconds": self.seconds + now.clock - self.started.clock, "calibrated_s": calibrated}


def train(
    model: Trainable,
    parameters: list[torch.nn.Parameter],
    steps: Sequence[Step],
    settings: TrainingSettings,
    progress: Progress,
    after_step: AfterStep = lambda step, line: False,
    checkpoint: Checkpoint | None = None,
    precision: Callable[[], AbstractContextManager[None]] = nullcontext,
    gradients: Gradients = alone,
    confine: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Train `parameters` (of the adapter that is switched on).

    Args:
        after_step: called with the number of each finished step and its line of the curve; true ends the training.
        checkpoint: where a stopped training of the same steps left off, and where this one is kept.
        precision: made anew for each step's products.
        gradients: computes those of a step, by other processes too (finetune/together.py).
        confine: called after each change of the parameters (see `Fresh`).

    Returns:
        The curve [{step, epoch, loss, learning_rate, gradient}], seconds on the clock and calibrated ones (of a quiet
        machine), steps, examples, their tokens in all passes, how many of these were read (what a group shares is read
        once), and how many the loss was taken of.
    """
    optimizer = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=0.0)
    kept = checkpoint.load(parameters, optimizer) if checkpoint else {}
    curve: list[dict[str, Any]] = kept.get("curve", [])
    spent = _Spent(model.device, kept, gradients is alone)
    with merged_products(model.network) as merge, recomputing(model.network, settings.checkpointing):
        for number, step in enumerate(steps[len(curve) :], len(curve)):
            rate = settings.learning_rate * _rate(number, len(steps), settings)
            for part in optimizer.param_groups:
                part["lr"] = rate
            optimizer.zero_grad(set_to_none=True)
            spent.meter.look()
            with memory_for(*_STEP_MEMORY):
                with precision():
                    loss = gradients(model, number, step)
                norm = float(torch.nn.utils.clip_grad_norm_(parameters, settings.clip))
                optimizer.step()
                confine()
                merge()
            line = {"step": number + 1, "epoch": step.epoch, "loss": round(loss, 5), "learning_rate": rate}
            curve.append(line | {"gradient": round(norm, 6)})  # before it was cut down to the largest that is allowed
            ended = after_step(number + 1, curve[-1])
            if checkpoint:
                checkpoint.keep(parameters, optimizer, {"curve": curve, **spent.so_far()})
            progress(f"training, loss {loss:.3f}", number + 1, len(steps))
            if ended:
                break
    return {"curve": curve, **spent.so_far(), "steps": len(curve)} | _amounts(model, steps[: len(curve)])


def _amounts(model: Trainable, steps: Sequence[Step]) -> dict[str, int]:
    """Distinct examples of these steps, their tokens, how many were read, and how many the loss was taken of."""
    groups = [group for step in steps for group in step.groups]
    whole = [sum(len(example.prompt) + len(example.completion) for example in group) for group in groups]
    spared = sum((len(group) - 1) * _shared(model, group) for group in groups)
    return {
        "examples": len({id(example) for group in groups for example in group}),
        "tokens": sum(whole),
        "read_tokens": sum(whole) - spared,
        "labels": sum(len(example.completion) for group in groups for example in group),
    }
