"""The life of a model in tokens and operations: what its makers published, then what a run trained, tuned, answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.results.preference import PreferenceChange
from evaluation.results.schema import Results

MEASURED = "measured in this run; operations by formula"
_NOT_COUNTED = "measured in this run; its operations were not counted"
# What the makers published, by the beginning of a model's name: tokens of pretraining, their source, what followed.
_PUBLISHED = {
    "smollm2-135m": (
        2e12, "model card of SmolLM2-135M, and arXiv 2502.02737",
        "The makers then tuned it on instructions and by DPO on preferences (UltraFeedback); for these the card names "
        "no number of tokens.",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """One phase: tokens that were read and written in it, and floating-point operations.

    Args:
        operations: None where they were not counted.
        source: published, or measured.
    """

    phase: str
    tokens: float
    operations: float | None
    source: str


@dataclass(frozen=True)
class Pretraining:
    """Tokens and operations of a pretraining that nobody here has measured, and what its makers did afterwards."""

    phase: Phase
    later: str


def pretraining(model: str, parameters: int) -> Pretraining | None:
    """What is published of this model, with 6 operations a weight and token (Kaplan et al. 2020, arXiv 2001.08361)."""
    for name, (tokens, source, later) in _PUBLISHED.items():
        if model.startswith(name):
            operations = 6.0 * parameters * tokens
            return Pretraining(Phase("pretraining", tokens, operations, f"published, not measured: {source}"), later)
    return None


def life(results: Results, changes: Sequence[PreferenceChange]) -> list[Phase]:
    """All phases that are known of a run's model, in the order in which they were."""
    model = results.model
    published = pretraining(model.plain_name or model.name, model.parameters) if model.parameters else None
    return [*([published.phase] if published else []), *_trained(results), *map(_tuned, _by_dpo(changes)),
            *_answers(results)]  # fmt: skip


def _trained(results: Results) -> Iterator[Phase]:
    """Each adapter once, whichever methods answer with it."""
    seen: set[str | None] = set()
    for name, method in results.methods.items():
        usage, adapter = method.usage, method.weights.adapter_sha256
        if usage and usage.training_tokens and adapter not in seen:
            seen.add(adapter)
            yield Phase(f"fine-tuning, {name}", usage.training_tokens, usage.training_operations, MEASURED)


def _by_dpo(changes: Sequence[PreferenceChange]) -> list[PreferenceChange]:
    return [change for change in changes if not change.best_of]


def _tuned(change: PreferenceChange) -> Phase:
    name = f"preference tuning, {change.method} on {change.by or 'everybody'}"
    if change.after:
        name = f"{name} after {change.after}"
    source = _NOT_COUNTED if change.operations is None else MEASURED
    return Phase(name, change.read_tokens, change.operations, source)


def _answers(results: Results) -> Iterator[Phase]:
    """One question to each method: a mean over those of the run, tokens kept from before left out."""
    for name, method in results.methods.items():
        if usage := method.usage:
            yield Phase(f"one answer, {name}", usage.read + usage.written, usage.operations, MEASURED)
