"""What a system answered to the planted questions, and what that proves."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evaluation.analysis.statistics import rate_interval
from evaluation.canary.diagnose import Cut, Lost, Seen, find_cut, find_lost
from evaluation.canary.manifest import Canary, Given, Manifest
from evaluation.canary.words import says
from evaluation.grading.refusals import abstains

Fault = Literal["lost", "cut", "stale", "leaked"]


class Heard(BaseModel):
    """One answer. `answer`: None where there was none; `passages`: None where the system returns none."""

    model_config = ConfigDict(frozen=True)

    id: str
    answer: str | None
    passages: tuple[str, ...] | None = None


class Known(BaseModel):
    """So many of so many, with a 95 % interval whose unit is the document."""

    n: int
    k: int
    low: float
    high: float


class Check(BaseModel):
    """What the answers of one system in one state prove.

    Args:
        known: canaries whose value it gave: the one of the state, or any where it should know none.
        refused, other: answers that say that it is not known, and all others.
        stale: of changed ones in the second state, those whose old value it gave, alone or beside the new one.
        unseen: known ones whose sentence stands in no passage that it returned; None where it returned none.
    """

    system: str
    given: Given
    asked: int
    not_answered: int
    known: Known | None
    refused: int
    other: int
    stale: Known | None = None
    lost: Lost | None = None
    cut: Cut | None = None
    unseen: int | None = None
    faults: tuple[Fault, ...] = ()


def _known(flags: Sequence[bool], documents: Sequence[str]) -> Known | None:
    if not flags:
        return None
    low, high = rate_interval(flags, documents)
    return Known(n=len(flags), k=sum(flags), low=low, high=high)


def _values(canary: Canary, given: Given) -> tuple[str, ...]:
    """What a system in this state may know of a canary."""
    both = tuple(value for value in (canary.answer, canary.changed_answer) if value)
    return {"before": both[:1], "after": both[-1:]}.get(given, both)


def _says_any(answer: str, values: Sequence[str]) -> bool:
    return any(says(answer, value) for value in values)


def judge(manifest: Manifest, system: str, given: Given, heard: Sequence[Heard]) -> Check:
    """The check of one system, from its answers; questions that it was not asked do not count."""
    canaries = {canary.id: canary for canary in manifest.canaries}
    pairs = [(canaries[one.id], one.answer, one) for one in heard if one.answer is not None and one.id in canaries]
    right = [_says_any(answer, _values(canary, given)) for canary, answer, _ in pairs]
    old = [given == "after" and bool(canary.changed) and says(answer, canary.answer) for canary, answer, _ in pairs]
    missed = [answer for (_, answer, _), yes, before in zip(pairs, right, old, strict=True) if not yes and not before]
    refused = sum(abstains(answer) for answer in missed)
    changed = [place for place, (canary, _, _) in enumerate(pairs) if given == "after" and canary.changed]
    seen = [
        Seen(canary.document, canary.words, yes or before)
        for (canary, _, _), yes, before in zip(pairs, right, old, strict=True)
    ]
    should_know = given in ("before", "after")
    cut = find_cut(seen, manifest.seed) if should_know else None
    check = Check(
        system=system, given=given, asked=len(heard), not_answered=sum(one.answer is None for one in heard),
        known=_known(right, [canary.document for canary, _, _ in pairs]),
        refused=refused, other=len(missed) - refused,
        stale=_known([old[place] for place in changed], [pairs[place][0].document for place in changed]),
        lost=find_lost(seen, cut, manifest.seed) if should_know else None, cut=cut,
        unseen=_unseen([(pair[0], pair[2]) for pair, yes in zip(pairs, right, strict=True) if yes], given, heard),
    )  # fmt: skip
    return check.model_copy(update={"faults": tuple(_faults(check))})


def _unseen(known: Sequence[tuple[Canary, Heard]], given: Given, heard: Sequence[Heard]) -> int | None:
    """Known canaries whose value stands in no passage that came back."""
    if not any(one.passages for one in heard):
        return None
    return sum(not _says_any("\n".join(one.passages or ()), _values(canary, given)) for canary, one in known)


def _faults(check: Check) -> list[Fault]:
    found: list[Fault] = []
    if check.lost:
        found.append("lost")
    if check.cut:
        found.append("cut")
    if check.stale and check.stale.k:
        found.append("stale")
    if check.given == "never" and check.known and check.known.k:
        found.append("leaked")
    return found
