"""How many questions a method was given the means to answer: one rule for check, results and app."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from data.schema import Question
from evaluation.run.registry import MethodSpec


@dataclass(frozen=True)
class Means:
    """What there is to answer from."""

    trained_facts: Collection[str] | None  # None: training read all documents
    has_gold: Callable[[Question], bool]
    injected: Collection[str] = ()  # documents that fit the window
    left_out: bool = False  # whether any document did not fit


def can_answer(spec: MethodSpec, question: Question, means: Means) -> bool | None:
    """Whether what the question needs was trained, stands in the prompt, or stands where the method searches.

    None: it is a contestant, or the corpus did not fit the window whole, and the domain does not say in which document
    the answer stands.
    """
    if not question.answerable:
        return False
    if spec.is_contestant:
        return None
    if spec.adapted and question.covered_by(means.trained_facts):
        return True
    if spec.context == "all" and means.left_out:
        return set(question.document_ids) <= set(means.injected) if question.document_ids else None
    return means.has_gold(question) if spec.needs_gold else not spec.closed_book


def count_answerable(spec: MethodSpec, asked: Iterable[Question], means: Means) -> int | None:
    """How many of these questions the method can answer; None: of no answerable one is it known."""
    found = [can_answer(spec, question, means) for question in asked if question.answerable]
    known = [can for can in found if can is not None]
    return sum(known) if known or not found else None
