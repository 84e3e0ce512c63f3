"""The gold passages of a question: those that hold its evidence or, without evidence, an accepted answer."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from data.leaks import normalised
from data.prompt import Passage
from data.schema import Document, Question

_SPACE = re.compile(r"\s+")


def _unspaced(text: str) -> str:
    """Without white space, which a cut between two passages takes away."""
    return _SPACE.sub("", text)


def _holding(needle: str, parts: Sequence[str], before: str = "") -> set[int]:
    """Places of the parts that hold the needle whole; where none does, of the neighbours that hold it together."""
    if whole := {place for place, part in enumerate(parts) if needle in before + part}:
        return whole
    start = (before + "".join(parts)).find(needle)
    if start < 0 or not needle:
        return set()
    ends = list(accumulate(map(len, parts)))
    first, last = start, start + len(needle) - 1 - len(before)
    return set(range(bisect_right(ends, first), bisect_right(ends, last) + 1))


class GoldPassages:
    """Finds the gold passages of questions.

    Args:
        passages: of any documents, those of one document in the order in which they stand there.
    """

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._own: dict[str, list[Passage]] = {}
        for passage in passages:
            self._own.setdefault(passage.document_id, []).append(passage)
        self._prepared: dict[tuple[str, Callable[[str], str]], list[str]] = {}

    @classmethod
    def of_documents(cls, documents: Iterable[Document]) -> "GoldPassages":
        """With whole documents as passages: a question has gold passages among these if it has any at all."""
        return cls(Passage(document.id, document.id, document.title, document.text) for document in documents)

    def of(self, question: Question) -> list[Passage]:
        """Passages of the question's documents, in their order, that hold all of its evidence.

        Evidence that was cut is held by neighbours together. Where evidence is missing, or cannot be found: the
        passages that hold an accepted answer. Empty where there is none, and for an unanswerable question.
        """
        if not question.answerable:
            return []
        return self.quoting(question) or self._saying(question)

    def quoting(self, question: Question) -> list[Passage]:
        """Those of `of` that evidence alone decides; empty where it is missing or cannot be found."""
        found: set[tuple[str, int]] = set()
        for quote in question.evidence:
            places = self._places(question, _unspaced(quote), _unspaced)
            if not places:
                return []
            found |= places
        return self._in_order(question, found)

    def _saying(self, question: Question) -> list[Passage]:
        found: set[tuple[str, int]] = set()
        for answer in question.answers:
            if words := normalised(answer):
                found |= self._places(question, f" {words} ", _words, before=" ")
        return self._in_order(question, found)

    def _places(
        self, question: Question, needle: str, prepare: Callable[[str], str], before: str = ""
    ) -> set[tuple[str, int]]:
        found: set[tuple[str, int]] = set()
        for name in question.document_ids:
            found |= {(name, place) for place in _holding(needle, self._texts(name, prepare), before)}
        return found

    def _texts(self, name: str, prepare: Callable[[str], str]) -> list[str]:
        key = name, prepare
        if key not in self._prepared:
            self._prepared[key] = [prepare(passage.text) for passage in self._own.get(name, ())]
        return self._prepared[key]

    def _in_order(self, question: Question, found: set[tuple[str, int]]) -> list[Passage]:
        return [
            passage
            for name in question.document_ids
            for place, passage in enumerate(self._own.get(name, ()))
            if (name, place) in found
        ]


def _words(text: str) -> str:
    """Lower case, single spaces, one at the end."""
    return f"{words} " if (words := normalised(text)) else ""
