"""The file preferences.json: what tuning a model on preferences changed, in its behaviour and in what it knows."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from data.errors import TriviumError
from data.sealed import read_sealed, write_sealed
from evaluation.results.section import Section

FILE = Path("preferences", "preferences.json")  # in the folder of a run
OVERALL = "overall"  # among the kinds of questions: all of them


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


class Preferred(Section):
    """How often a reward model puts the answer after a tuning before that from before, and how good a judge it is."""

    share: Mean = Field(description="of held-out questions; equal answers count a half, and no change is a half")
    accuracy: Mean = Field(description="pairs that the reward model orders as they were ranked, of unseen questions")

    @property
    def tells(self) -> bool:
        """Whether the reward model knows more of what is preferred than chance does."""
        return self.accuracy.ci_low > 0.5

    @property
    def judge(self) -> str:
        """The reward model, named with its accuracy."""
        right = self.accuracy
        return f"a reward model with {right.mean:.0%} ({right.ci_low:.0%} to {right.ci_high:.0%}) of unseen pairs right"


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
    best_of: int = Field(0, description="sampled answers of which the reward model took the best; 0: tuned by DPO")
    pairs: int
    questions: int = Field(description="that the pairs are about")
    settings: dict[str, int | float]
    seconds: float = Field(description="of training, on the clock, wherever it was trained")
    calibrated_s: float = Field(description="the same on a quiet machine")
    steps: int
    read_tokens: int
    operations: float | None = Field(None, description="of training, floating-point, by formula; None: not counted")
    preferred: Preferred | None = Field(
        None, description="None where a rule of the form ranked, which `form` tells, or fewer than 5 questions did"
    )
    form: Change | None = Field(description="answers in the domain's house form; None where it has none")
    right: dict[str, Change] = Field(description="right answers, over all answerable questions and by kind")
    refused: Change = Field(description="answers that refuse, of all")
    words: Change = Field(description="words of an answer")
    general: Change | None = Field(description="general questions answered right; None where none is asked")
    perplexity_before: float | None = Field(description="of plain text that belongs to no domain")
    perplexity_after: float | None
    kl: Mean | None = Field(
        description="nats a token, Kullback-Leibler divergence from the start; None where nothing is tuned"
    )
    examples: list[Example]
    sentence: str


class RewardModel(Section):
    """A linear head on the frozen base, asked which of two answers is preferred, of questions it was not fitted on."""

    method: str = Field(description="in whose prompts the answers are read")
    by: str = Field(description="whose preferences; empty: everybody's")
    pairs: int
    questions: int
    folds: int = Field(description="parts of the questions; each is asked of a head that was fitted on the others")
    accuracy: Mean = Field(description="pairs in the right order; a tie counts a half, and chance is a half")
    length_alone: Mean = Field(description="the same of a head that sees the number of characters alone")
    beyond_length: Mean = Field(description="the difference of the two, paired")

    @property
    def sentence(self) -> str:
        """Does it only like short, or long, answers?"""
        ahead = self.beyond_length.ci_low > 0
        return (
            f"The reward model puts {self.accuracy.mean:.0%} of {self.pairs} pairs in the right order (interval "
            f"{self.accuracy.ci_low:.0%} to {self.accuracy.ci_high:.0%}), length alone {self.length_alone.mean:.0%}, "
            f"chance 50%: it {'has learned more than length' if ahead else 'shows nothing that length does not'}."
        )


class PreferenceResults(Section):
    """All tunings and reward models of one run, the last one of each kind."""

    schema_version: Literal[1] = 1
    changes: list[PreferenceChange]
    rewards: list[RewardModel] = Field([])


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
    kind, known = (change.method, change.by, change.after, change.best_of), read_preferences(run)
    others = [one for one in known.changes if (one.method, one.by, one.after, one.best_of) != kind]
    _write(run, known.model_copy(update={"changes": [*others, change]}))


def keep_reward(run: Path, reward: RewardModel) -> None:
    """Add the figures of a reward model, in place of earlier ones of the same method and preferences."""
    known = read_preferences(run)
    others = [one for one in known.rewards if (one.method, one.by) != (reward.method, reward.by)]
    _write(run, known.model_copy(update={"rewards": [*others, reward]}))


def _write(run: Path, results: PreferenceResults) -> None:
    write_sealed(run / FILE, results.model_dump(mode="json"))
