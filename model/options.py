"""How a model is loaded or reached, beside its name."""

from dataclasses import dataclass, field, replace

from data.progress import Progress, silent

HOSTED = "hosted"  # instead of weights to train with: the provider trains


@dataclass(frozen=True)
class ModelOptions:
    """All of it optional; what a kind of model has no use for is an error where it would change answers.

    Args:
        device: "cpu", "cuda" or "mps"; default: CUDA where there is one.
        base_url: of the server behind which the model is, ending in /v1.
        load_in: "4bit" or "8bit": weights on this machine are rounded so when they are read.
        window: tokens that prompt and answer may have together, where the server does not say it.
        concurrency: requests that a server gets at the same time.
        time_limit: seconds for one answer of a server.
        train_with: of a model behind a server: weights that its adapter is trained on here, or `HOSTED`.
        progress: of what takes long: reading a GGUF file for the first time.
    """

    device: str | None = None
    base_url: str | None = None
    load_in: str | None = None
    window: int | None = None
    concurrency: int = 16
    time_limit: float = 300.0
    train_with: str | None = None
    progress: Progress = field(default=silent, compare=False, repr=False)

    def told(self, progress: Progress) -> "ModelOptions":
        """The same, with its progress told."""
        return replace(self, progress=progress)

    def at(self, base_url: str | None) -> "ModelOptions":
        """The same, for a model at this address."""
        return replace(self, base_url=base_url)


DEFAULTS = ModelOptions()
