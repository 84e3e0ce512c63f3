"""Where a model computes: one rule for all commands."""

from data.errors import TriviumError

DEVICES = ("cpu", "cuda", "mps")  # mps: Apple's GPU, untested


def default_device() -> str:
    """CUDA where there is one. Apple's GPU only when it is asked for: nobody has tested it."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def checked_device(name: str | None) -> str:
    """The device of that name, or the default one.

    Raises:
        TriviumError: there is no such device here.
    """
    import torch

    if not name:
        return default_device()
    if name not in DEVICES:
        raise TriviumError(f"--device {name}: use cpu, cuda or mps.")
    if name == "cuda" and not torch.cuda.is_available():
        raise TriviumError("--device cuda: torch sees no CUDA device here. Use --device cpu.")
    if name == "mps" and not torch.backends.mps.is_available():
        raise TriviumError("--device mps: torch sees no Apple GPU here. Use --device cpu.")
    return name
