"""Documents that change: each update as edits at positions, so that two updates of one sentence both count."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_PAIRS = 40_000  # of words that are compared: it takes time with their product, or worse


class Change(Protocol):
    """What an update says about its document."""

    @property
    def document_id(self) -> str: ...
    @property
    def old(self) -> str: ...
    @property
    def new(self) -> str: ...


class UpdateConflict(ValueError):
    """Two updates change the same words in different ways. `places`: which of the updates, from 0."""

    def __init__(self, places: tuple[int, int]) -> None:
        super().__init__(f"updates {places[0] + 1} and {places[1] + 1} change the same words in different ways")
        self.places = (min(places), max(places))


@dataclass(frozen=True, order=True)
class _Edit:
    """Characters `start` to `end` of a document become `text`."""

    start: int
    end: int
    text: str
    place: int  # of its update


def _edits(document: str, update: Change, place: int) -> list[_Edit]:
    """The words that differ between the old and the new sentence, at their places in the document."""
    old, new = _TOKEN.findall(update.old), _TOKEN.findall(update.new)
    starts = [document.index(update.old)]
    for token in old:
        starts.append(starts[-1] + len(token))
    return [
        _Edit(starts[low], starts[high], "".join(new[from_:to]), place) for low, high, from_, to in _changes(old, new)
    ]


def _changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Which stretches of the old words became which of the new; of very long texts one, from first to last change."""
    same = _alike(old, new)
    end = _alike(old[same:][::-1], new[same:][::-1])
    was, now = old[same : len(old) - end], new[same : len(new) - end]
    if len(was) * len(now) > _MOST_PAIRS:
        return [(same, same + len(was), same, same + len(now))]
    codes = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [
        (same + low, same + high, same + from_, same + to) for kind, low, high, from_, to in codes if kind != "equal"
    ]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the beginning are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _checked(edits: Iterable[_Edit]) -> list[_Edit]:
    """Edits in order, equal ones once. Raises UpdateConflict where two overlap."""
    kept: list[_Edit] = []
    for edit in sorted(edits):
        last = kept[-1] if kept else None
        if last and (last.start, last.end, last.text) == (edit.start, edit.end, edit.text):
            continue
        if last and (edit.start < last.end or edit.start == last.start):
            raise UpdateConflict((last.place, edit.place))
        kept.append(edit)
    return kept


def _shifted(place: int, edits: Sequence[_Edit], after: bool) -> int:
    """Where a place of the old document lies in the new one. `after`: behind what is put in at this very place."""
    moved = place
    for edit in edits:
        if edit.end < place or (edit.end == place and (after or edit.start < edit.end)):
            moved += len(edit.text) - (edit.end - edit.start)
    return moved


def apply(texts: Mapping[str, str], updates: Sequence[Change]) -> tuple[dict[str, str], list[str]]:
    """The documents' texts with all updates applied, and for each update the passage that its sentence became.

    Raises:
        UpdateConflict: two updates of one document change the same words in different ways.
    """
    changed, became = dict(texts), [""] * len(updates)
    for name in dict.fromkeys(update.document_id for update in updates):
        mine = [(place, update) for place, update in enumerate(updates) if update.document_id == name]
        old = texts[name]
        edits = _checked(edit for place, update in mine for edit in _edits(old, update, place))
        parts, at = [], 0
        for edit in edits:
            parts += [old[at : edit.start], edit.text]
            at = edit.end
        changed[name] = "".join([*parts, old[at:]])
        for place, update in mine:
            start = old.index(update.old)
            end = start + len(update.old)
            became[place] = changed[name][_shifted(start, edits, after=False) : _shifted(end, edits, after=True)]
    return changed, became
