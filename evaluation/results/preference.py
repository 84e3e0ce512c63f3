"""The file preferences.json: what tuning a model on preferences changed, in its behaviour and in what it knows."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from data.errors import TriviumError
from data.sealed import read_sealed, write_sealed
from evaluation.results.section import Section

FILE = Path("preferences", "preferences.json")  # in the folder of a run


class Change(Section):
    """A mean over the same answers before and after, and the paired difference with its 95 % interval over facts."""

    n: int = Field(description="questions answered both times")
    before: float
    after: float
    difference: float
    ci_low: float
    ci_high: float


class Mean(Section):
    """A mean with its 95 % interval over facts."""

    n: int
    mean: float
    ci_low: float
    ci_high: float


class Example(Section):
    """One held-out question with the answers before and after."""

    question: str
    before: str
    after: str


class PreferenceChange(Section):
    """One tuning: on whose preferences, of which method, and what it changed on questions that no ranking saw."""

    method: str
    by: str = Field(description="whose preferences; empty: everybody's")
    after: str = Field("", description="whose preferences the start was tuned on; empty: the method as it was")
    pairs: int
    questions: int = Field(description="that the pairs are about")
    settings: dict[str, int | float]
    seconds: float = Field(description="of training, on the clock, wherever it was trained")
    calibrated_s: float = Field(description="the same on a quiet machine")
    steps: int
    read_tokens: int
    form: Change | None = Field(description="answers in the domain's house form; None where it has none")
    right: dict[str, Change] = Field(description="right answers, over all answerable questions and by kind")
    refused: Change = Field(description="answers that refuse, of all")
    words: Change = Field(description="words of an answer")
    general: Change | None = Field(description="general questions answered right; None where none is asked")
    perplexity_before: float | None = Field(description="of plain text that belongs to no domain")
    perplexity_after: float | None
    kl: Mean = Field(description="nats a token, Kullback-Leibler divergence of the tuned model from its start")
    examples: list[Example]
    sentence: str


class PreferenceResults(Section):
    """All tunings of one run, the last one of each kind."""

    schema_version: Literal[1] = 1
    changes: list[PreferenceChange]


def read_preferences(run: Path) -> PreferenceResults:
    """What was measured so far; nothing where no model was tuned.

    Raises:
        TriviumError: the file is damaged.
    """
    path = run / FILE
    if not path.exists():
        return PreferenceResults(changes=[])
    try:
        return PreferenceResults.model_validate(read_sealed(path))
    except (ValueError, ValidationError) as error:
        raise TriviumError(
            f"{path}: it is not what was written. Delete it; trivium prefer {run} --train makes it again."
        ) from error


def keep_change(run: Path, change: PreferenceChange) -> None:
    """Add what a tuning changed, in place of an earlier one of the same kind."""
    kind = (change.method, change.by, change.after)
    others = [one for one in read_preferences(run).changes if (one.method, one.by, one.after) != kind]
    write_sealed(run / FILE, PreferenceResults(changes=[*others, change]).model_dump(mode="json"))
