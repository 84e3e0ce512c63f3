"""What people and rules prefer: rankings of answers, one a line, on the disk before the next question is shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from data import jsonl
from data.lock import append_alone

FOLDER, RANKINGS = "preferences", "rankings.jsonl"
MOST = 5  # answers that are shown beside each other
_FIX = "Delete the line; what it says of one question is lost."


class Ranking(BaseModel):
    """One line of rankings.jsonl; a later one of the same person about the same question replaces it.

    Args:
        answers: in the order in which they were made, whatever the order in which they were shown.
        ranks: of each answer, 1 is the best; equal ones are a tie. None: all are bad, and none is preferred.
        by: who ranked: a person's name, or "rule:" and its name.
        question: as it was asked, for rankings that come from elsewhere.
        withdrawn: nothing is said of this question any more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question_id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answers: tuple[str, ...] = Field(min_length=2)
    ranks: tuple[int, ...] | None
    by: str = Field(min_length=1, max_length=80)
    kind: Literal["person", "rule", "imported"] = "person"
    withdrawn: bool = False

    @model_validator(mode="after")
    def _a_rank_for_each(self) -> Self:
        if self.ranks is not None and (len(self.ranks) != len(self.answers) or min(self.ranks) < 1):
            raise ValueError("each answer needs one rank, from 1 on")
        return self

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """Imported pairs of one question stand beside each other."""
        return self.question_id, self.by, self.answers if self.kind == "imported" else ()


@dataclass(frozen=True)
class Pair:
    """Two answers to one question, of which the first is preferred."""

    question_id: str
    question: str
    chosen: str
    rejected: str
    by: str


def rankings_path(run: Path) -> Path:
    return run / FOLDER / RANKINGS


def keep_ranking(run: Path, ranking: Ranking) -> None:
    """Add a ranking; it is on the disk when this returns."""
    path = rankings_path(run)
    path.parent.mkdir(exist_ok=True)
    append_alone(path, ranking)


def withdraw(run: Path, ranking: Ranking) -> None:
    """Take a ranking back, by a line of its own."""
    keep_ranking(run, ranking.model_copy(update={"withdrawn": True}))


def read_rankings(run: Path) -> list[Ranking]:
    """What is said now, in the order of its first line; of what was ranked again, the last word."""
    found = jsonl.read_models(rankings_path(run), Ranking, torn=True, remedy=_FIX)
    return [ranking for ranking in {ranking.key: ranking for ranking in found}.values() if not ranking.withdrawn]


def pairs_of(ranking: Ranking) -> Iterator[Pair]:
    """Every two answers of which one is ranked before the other; a tie says nothing."""
    if ranking.ranks is None:
        return
    placed = sorted(zip(ranking.ranks, ranking.answers, strict=True), key=lambda place: place[0])
    for (better, chosen), (worse, rejected) in combinations(placed, 2):
        if better < worse and chosen != rejected:
            yield Pair(ranking.question_id, ranking.question, chosen, rejected, ranking.by)


def all_pairs(rankings: Iterable[Ranking], by: str = "") -> list[Pair]:
    """The pairs of all rankings, or of those by one person or rule."""
    return [pair for ranking in rankings if by in ("", ranking.by) for pair in pairs_of(ranking)]


def who_ranked(rankings: Sequence[Ranking]) -> dict[str, int]:
    """How many questions each person or rule has ranked."""
    return {name: sum(ranking.by == name for ranking in rankings) for name in dict.fromkeys(r.by for r in rankings)}
