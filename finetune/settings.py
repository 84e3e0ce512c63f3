"""The training recipe; apart from the loop, so that reading settings does not import torch."""

from math import ceil

from pydantic import BaseModel, ConfigDict, Field

EPOCHS, LEAST_STEPS = 6, 60  # 24 steps left 12 of 41 drafted facts unlearned
SENTENCE_EPOCHS = 16  # over sentences that a person typed; enough to learn five of them by heart


class TrainingSettings(BaseModel):
    """The recipe. The defaults taught the sample domain's facts fully (docs/finetuning.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int = Field(16, ge=1)  # of the two small matrices; more capacity, more memory
    alpha: int = Field(32, ge=1)  # scale of the update: alpha / rank
    learning_rate: float = Field(2e-3, gt=0)  # peak, after warm-up; about ten times that of full fine-tuning
    epochs: int | None = Field(None, ge=1)  # None: 6, or as many as give 60 steps where there are few examples
    batch_size: int = Field(16, ge=1)  # examples a step
    warmup: float = Field(0.1, ge=0, lt=1)  # share of the steps with a rising learning rate
    clip: float = Field(1.0, gt=0)  # largest norm of a gradient
    seed: int = 0  # of the adapter's first values and of the order of the examples

    def passes(self, examples: int) -> int:
        """How often each of so many examples is seen."""
        return self.epochs or max(EPOCHS, ceil(LEAST_STEPS / ceil(max(1, examples) / self.batch_size)))
