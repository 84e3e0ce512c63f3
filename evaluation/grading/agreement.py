"""How far grades agree with people: Cohen's kappa with an interval, precision, recall, confusion."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = Sequence[bool] | NDArray[np.bool_]
RESAMPLES = 2_000
_BELOW_CHANCE = "the labels agree less with the grades than chance would: are right and wrong swapped?"


@dataclass(frozen=True)
class Agreement:
    """Grades against labels; "positive" is an answer graded right."""

    n: int
    n_questions: int
    kappa: float
    ci_low: float
    ci_high: float
    precision: float | None  # share of the answers graded right that people call right; None: none was graded right
    recall: float | None  # share of the answers that people call right which were graded right
    true_right: int
    false_right: int
    false_wrong: int
    true_wrong: int

    @property
    def warning(self) -> str:
        return _BELOW_CHANCE if self.ci_high < 0 else ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"warning": self.warning}


def kappa_of(table: Any) -> Any:
    """Cohen's kappa (Cohen 1960) of counts in the order both right, only graded, only labelled, both wrong.

    Works along the last axis. Where all answers have one grade and one label, agreement is perfect by definition: 1.
    """
    both, graded, labelled, neither = np.moveaxis(np.asarray(table, dtype=float), -1, 0)
    n = both + graded + labelled + neither
    seen = (both + neither) / n
    chance = ((both + graded) * (both + labelled) + (neither + labelled) * (neither + graded)) / n**2
    return np.where(chance < 1, (seen - chance) / np.where(chance < 1, 1 - chance, 1), 1.0)


def agreement(graded: Flags, labels: Flags, questions: Sequence[str], seed: int = 0) -> Agreement:
    """Agreement with a 95 % bootstrap interval over questions: answers to one question are not independent.

    Raises:
        ValueError: there is no label.
    """
    if not len(labels):
        raise ValueError("no label to compare with")
    said, true = np.asarray(graded, dtype=bool), np.asarray(labels, dtype=bool)
    cell = np.where(said, np.where(true, 0, 1), np.where(true, 2, 3))
    names, place = np.unique(np.asarray(questions), return_inverse=True)
    tables = np.zeros((len(names), 4))
    np.add.at(tables, (place, cell), 1)
    whole = tables.sum(axis=0)
    generator = np.random.default_rng(seed)
    even = np.full(len(names), 1 / len(names))
    drawn = np.stack([generator.multinomial(len(names), even) @ tables for _ in range(RESAMPLES)])
    low, high = np.quantile(kappa_of(drawn), [0.025, 0.975])
    both, only_graded, only_labelled, neither = (int(count) for count in whole)
    return Agreement(
        n=len(true), n_questions=len(names), kappa=float(kappa_of(whole)), ci_low=float(low), ci_high=float(high),
        precision=both / (both + only_graded) if both + only_graded else None,
        recall=both / (both + only_labelled) if both + only_labelled else None,
        true_right=both, false_right=only_graded, false_wrong=only_labelled, true_wrong=neither,
    )  # fmt: skip
