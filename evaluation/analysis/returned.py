"""Passages that a contestant returned: does what the question needs stand in them, and where?"""

from collections.abc import Callable, Sequence
from typing import Any

from data.leaks import normalised
from data.prompt import Passage
from data.schema import Category, Question
from rag.context import DEPTH

Holds = Callable[[Passage], bool]


def _needed(question: Question) -> list[Holds]:
    """What tells whether a passage holds each thing that is needed: one thing, but for multi-hop questions several.

    Evidence is looked for word by word, wherever the passage says it comes from; without evidence, any passage of a
    named document counts.
    """

    def quotes(wanted: Sequence[str]) -> Holds:
        words = [f" {normalised(quote)} " for quote in wanted]
        return lambda passage: any(quote in f" {normalised(passage.text)} " for quote in words)

    def comes_from(names: Sequence[str]) -> Holds:
        return lambda passage: passage.document_id in names

    parts, make = (question.evidence, quotes) if question.evidence else (question.document_ids, comes_from)
    several = question.category is Category.MULTI_HOP
    return [make([part]) for part in parts] if several else [make(parts)] * bool(parts)


def judged(question: Question, passages: Sequence[Passage]) -> dict[str, Any] | None:
    """As `evaluation.run.relevance.relevance`, of the passages in the order in which they came back.

    How many passages of the contestant's own index would do is not known; as many as came back count as all there are.
    None where the domain does not say what is needed.
    """
    needed = _needed(question)
    if not question.answerable or not needed:
        return None
    seen = passages[:DEPTH]
    hits = [any(holds(passage) for holds in needed) for passage in seen]
    return {
        "question_id": question.id,
        "category": str(question.category),
        "gold": max(len(needed), sum(hits)),
        "hits": hits,
        "ranks": [next((rank for rank, one in enumerate(seen, 1) if holds(one)), None) for holds in needed],
    }
