"""The training recipe; apart from the loop, so that reading settings does not import torch."""

from math import ceil, log10

from pydantic import BaseModel, ConfigDict, Field

EPOCHS, LEAST_STEPS = 6, 60  # 24 steps left 12 of 41 drafted facts unlearned
UNKEYED = {"checkpointing", "distillation"}  # what changes no result, or stands in the examples already
SENTENCE_EPOCHS = 16  # over sentences that a person typed; enough to learn five of them by heart
# (weights, learning rate). The first was chosen here (docs/finetuning.md), 2e-4 at 7 and 13 and 1e-4 at 33 and 65
# billion are those of QLoRA (Dettmers et al. 2023, arXiv 2305.14314, table 9).
_RATES = ((1.5e8, 2e-3), (7e9, 2e-4), (3.3e10, 1e-4))
SPARED, REHEARSED = 0.98, 0.25  # chosen on development questions (docs/finetuning.md)
SCALE, SPARING_SCALE = 2, 8  # alpha / rank; an adapter that spares some of its input has little left of it
_SPARING = (2 * 10**7, 3 * 10**8)  # weights: a smaller model has no room for it; larger ones were not tried
CHECKPOINTED_FROM = 10**9  # weights; below, activations are small beside them and computing them again only takes time


class TrainingSettings(BaseModel):
    """The recipe. The defaults taught the sample domain's facts fully (docs/finetuning.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    rank: int = Field(16, ge=1)  # of the two small matrices; more capacity, more memory
    alpha: int = Field(32, ge=1)  # scale of the update: alpha / rank
    learning_rate: float = Field(2e-3, gt=0)  # peak, after warm-up; about ten times that of full fine-tuning
    epochs: int | None = Field(None, ge=1)  # None: 6, or as many as give 60 steps where there are few examples
    batch_size: int = Field(16, ge=1)  # examples a step
    warmup: float = Field(0.1, ge=0, lt=1)  # share of the steps with a rising learning rate
    reading: int = Field(2, ge=0)  # times that each taught fact is asked with passages in the prompt, too
    rehearsal: float = Field(0.0, ge=0, le=8)  # general questions in a step, as a share of its batch
    spare: float = Field(0.0, ge=0, lt=1)  # of what general text puts into a layer, kept out of by the adapter
    distillation: float | None = Field(None, ge=0, le=1)  # share of the loss by a teacher that reads; None: by method
    clip: float = Field(1.0, gt=0)  # largest norm of a gradient
    seed: int = 0  # of the adapter's first values and of the order of the examples
    processes: int = Field(1, ge=1, le=64)  # that share each step, on one machine (finetune/together.py)
    checkpointing: bool = False  # compute activations again on the way back; changes memory and time, not the result

    @property
    def unkeyed(self) -> set[str]:
        """What says nothing of the result, for keys and digests; several processes add up in another order."""
        return UNKEYED if self.processes > 1 else UNKEYED | {"processes"}

    def passes(self, examples: int) -> int:
        """How often each of so many examples is seen."""
        return self.epochs or max(EPOCHS, ceil(LEAST_STEPS / ceil(max(1, examples) / self.batch_size)))

    def for_model(self, weights: int) -> "TrainingSettings":
        """With what nobody set chosen by the size of the model: rate, checkpointing, what is spared; alpha by the rank.

        The rank stays: at one rank the adapter grows with the model's width.
        """
        by_size = {
            "learning_rate": learning_rate_of(weights),
            "checkpointing": weights >= CHECKPOINTED_FROM,
            "spare": SPARED if (small := _SPARING[0] <= weights < _SPARING[1]) else 0.0,
            "rehearsal": REHEARSED if small else 0.0,
        }
        found = self.model_copy(update={key: by_size[key] for key in by_size.keys() - self.model_fields_set})
        if "alpha" in self.model_fields_set:
            return found
        return found.model_copy(update={"alpha": (SPARING_SCALE if found.spare else SCALE) * self.rank})


def learning_rate_of(weights: int) -> float:
    """Peak learning rate of an adapter for a model of so many weights, to two digits.

    Between the sizes that are known the logarithm of the rate falls evenly with that of the size; outside it stays.
    """
    (below, rate), *_ = known = _RATES
    for above, lower in known:
        if weights <= above:
            share = log10(max(weights, below) / below) / log10(above / below) if above > below else 0.0
            return float(f"{rate * (lower / rate) ** share:.2g}")
        below, rate = above, lower
    return rate
