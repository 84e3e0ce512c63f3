"""What the answers to planted questions prove: how much is found, and which faults are more than chance.

Faults are told by permutation tests: the answers that were missed are dealt out anew by chance, and a fault is one
where hardly any deal looks as the real one does. No rate is assumed, so a system that finds little in general raises no
alarm of a fault that it does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEALS = 9_999
# Shares of deals that may look like a fault. Whole documents are few, so that far fewer deals than this really do, and
# a smaller share would hide what is there; docs/canaries.md has both measured.
SURE_CUT, SURE_LOST = 0.01, 0.05
_SEEN = 2  # canaries of a document without which nothing is said of it
_BEYOND = 0.25  # share found behind a cut, at most


@dataclass(frozen=True)
class Seen:
    """One canary and whether the system knew it, in its old or new form."""

    document: str
    words: int  # of its document that stand before it
    known: bool


@dataclass(frozen=True)
class Cut:
    """Behind so many words of a document nothing is known: (known, asked) before and beyond, and the share of deals."""

    words: int
    before: tuple[int, int]
    beyond: tuple[int, int]
    p_value: float


@dataclass(frozen=True)
class Lost:
    """Documents of which nothing is known, and the share of deals that lose as many."""

    documents: tuple[str, ...]
    p_value: float


def _by_document(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for one in sorted(seen, key=lambda one: (one.document, one.words)):
        found.setdefault(one.document, []).append(one)
    return found


def _share(deals: NDArray[np.float64], real: float) -> float:
    """Of deals that are as extreme, the real one among them (Phipson & Smyth 2010)."""
    return float((1 + int((deals >= real - 1e-9).sum())) / (1 + len(deals)))


def find_cut(seen: Sequence[Seen], seed: int = 0) -> Cut | None:
    """Where documents are cut off; None where what is missed does not stand later than what is known.

    Only documents of which something is known and something missed tell: their answers are dealt out within each, and
    the sum of the ranks of the missed ones is what counts.
    """
    mixed = [rows for rows in _by_document(seen).values() if 0 < sum(one.known for one in rows) < len(rows)]
    if not mixed:
        return None
    draw, deals, real = np.random.default_rng(seed), np.zeros(DEALS), 0.0
    for rows in mixed:
        missed = np.array([not one.known for one in rows], dtype=float)
        ranks = np.arange(1, len(rows) + 1)
        real += float(missed @ ranks)
        deals += draw.permuted(np.tile(missed, (DEALS, 1)), axis=1) @ ranks
    p_value, found = _share(deals, real), _best_cut([one for rows in mixed for one in rows], seen)
    (_, _), (known, asked) = found.before, found.beyond
    if p_value >= SURE_CUT or known > _BEYOND * asked:
        return None
    return Cut(found.words, found.before, found.beyond, p_value)


def _best_cut(mixed: Sequence[Seen], seen: Sequence[Seen]) -> Cut:
    """The place that parts known from missed ones best; counts are of all documents of which anything is known."""
    ordered = sorted(mixed, key=lambda one: one.words)
    scores = [
        sum(one.known for one in ordered[:n]) + sum(not one.known for one in ordered[n:])
        for n in range(1, len(ordered))
    ]
    best = max(range(len(scores)), key=lambda place: (scores[place], place))  # of equal ones the latest
    last = ordered[best]
    there = [rows for rows in _by_document(seen).values() if any(one.known for one in rows)]
    parts = {True: [0, 0], False: [0, 0]}
    for one in (one for rows in there for one in rows):
        part = parts[one.words <= last.words]
        part[0] += one.known
        part[1] += 1
    return Cut(last.words, (parts[True][0], parts[True][1]), (parts[False][0], parts[False][1]), 1.0)


def find_lost(seen: Sequence[Seen], cut: Cut | None, seed: int = 0) -> Lost | None:
    """Documents of which nothing is known, where chance would not leave as many; what lies beyond a cut is left out.

    A document of which a single canary is left tells nothing.
    """
    before = [one for one in seen if cut is None or one.words <= cut.words]
    groups = [rows for rows in _by_document(before).values() if len(rows) >= _SEEN]
    lost = [rows[0].document for rows in groups if not any(one.known for one in rows)]
    flags = np.array([one.known for rows in groups for one in rows], dtype=float)
    if not lost or not flags.any():
        return None
    starts = np.cumsum([0, *(len(rows) for rows in groups[:-1])])
    dealt = np.random.default_rng(seed).permuted(np.tile(flags, (DEALS, 1)), axis=1)
    counts = (np.add.reduceat(dealt, starts, axis=1) == 0).sum(axis=1).astype(float)
    p_value = _share(counts, float(len(lost)))
    return Lost(tuple(sorted(lost)), p_value) if p_value < SURE_LOST else None
