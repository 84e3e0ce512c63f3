"""Two stages of grading: rules, then for what rules cannot settle a small logistic regression fitted on human labels.

The coefficients are in grader.json, with what they were fitted on and how far they agree with people; they are made by
benchmarks/fit_grader.py.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

from data.progress import Progress, silent
from data.schema import Question
from evaluation.grading.points import by_claims, settle
from evaluation.grading.rules import WORD_LIMIT, Grade, GradeName, cut, holds_value
from evaluation.grading.text_similarity import FEATURES, LEXICAL, lexical_features
from rag.embed import Embedder, SentenceEmbedder

Item = tuple[Question, str | None]
COEFFICIENTS = Path(__file__).with_name("grader.json")
_Key = tuple[str, tuple[str, ...], tuple[str, ...], str | None]
FITTED_ON = "en"  # the language of the labels
_FORMS = 8  # accepted forms that are embedded; the other features see all


@cache
def coefficients() -> dict[str, Any]:
    """Content of grader.json."""
    content: dict[str, Any] = json.loads(COEFFICIENTS.read_text(encoding="utf-8"))
    return content


def similarities(items: Sequence[tuple[Question, str]], embedder: Embedder, progress: Progress) -> list[float]:
    """Cosine of "question reply" and "question accepted form", of the form that is most like the reply."""
    pairs = [[f"{q.question} {text}" for text in (reply, *q.answers[:_FORMS])] for q, reply in items]
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    vectors = dict(zip(texts, embedder.encode(texts, progress), strict=True))
    return [max(float(vectors[said] @ vectors[form]) for form in forms) for said, *forms in pairs]


def features(items: Sequence[tuple[Question, str]], embedder: Embedder, progress: Progress) -> list[list[float]]:
    """`FEATURES` of each answerable question with a reply, shape (items, features)."""
    rows = []
    for (question, reply), likeness in zip(items, similarities(items, embedder, progress), strict=True):
        lexical = lexical_features(question, reply)
        rows.append([*(lexical[name] for name in LEXICAL), likeness])
    return rows


def probability(row: Sequence[float]) -> float:
    """That a person calls the answer right, by logistic regression over standardised features."""
    fitted = coefficients()
    score = fitted["intercept"]
    for name, value in zip(FEATURES, row, strict=True):
        weight = fitted["features"][name]
        score += weight["coefficient"] * (value - weight["mean"]) / weight["scale"]
    return 1 / (1 + exp(-score))


def _key(question: Question, reply: str | None) -> _Key:
    return type(question).__name__ + question.question, question.answers, question.distractors, reply


class Grader:
    """Grades answers, each once: what was graded before is remembered.

    Args:
        embedder: default: the embedded MiniLM that the coefficients were fitted with, loaded when it is first needed.
        word_limit: words of a reply that are read.
        language: of questions and replies, which rules belong to; what the model says of one it was not fitted on is
            doubtful.
    """

    def __init__(self, embedder: Embedder | None = None, word_limit: int = WORD_LIMIT, language: str = "en") -> None:
        self.embedder, self.word_limit, self.language = embedder, word_limit, language
        self._known: dict[_Key, Grade] = {}

    def grade(self, items: Sequence[Item], progress: Progress = silent) -> list[Grade]:
        """Grades in the order of the items; those of questions with points are put together from their claims."""
        return by_claims(items, self.language, lambda parts: self._grade_each(parts, progress))

    def _grade_each(self, items: Sequence[Item], progress: Progress) -> list[Grade]:
        open_: dict[_Key, tuple[Question, str]] = {}
        for number, (question, reply) in enumerate(items):
            if number % 256 == 0:
                progress("grading", number, len(items))
            key = _key(question, reply)
            if key in self._known or key in open_:
                continue
            settled = settle(question, reply, self.word_limit, self.language)
            if settled:
                self._known[key] = self._with_share(question, settled)
            elif reply is not None:
                open_[key] = (question, reply)
        self._known.update(zip(open_, self._by_model(list(open_.values()), progress), strict=True))
        return [self._known[_key(*item)] for item in items]

    def _with_share(self, question: Question, settled: Grade) -> Grade:
        """A rule's grade with the share of such grades that people call right."""
        if settled.grade is GradeName.UNSCORED:
            return settled
        if not question.answerable:
            share = float(settled.grade is GradeName.ABSTAINED)
        else:
            share = coefficients()["rules"][str(settled.grade)]
        return settled if settled.ambiguous else replace(settled, probability=share)

    def _by_model(self, items: Sequence[tuple[Question, str]], progress: Progress) -> list[Grade]:
        if not items:
            return []
        if self.embedder is None:
            self.embedder = SentenceEmbedder()
        read = [(question, cut(reply, self.word_limit)) for question, reply in items]
        grades = []
        for (question, _), row in zip(read, features(read, self.embedder, progress), strict=True):
            likely = round(probability(row), 4)  # what follows depends on which texts were embedded together
            right = GradeName.CORRECT if likely >= 0.5 else GradeName.WRONG
            unsure = self.language != FITTED_ON or holds_value(question, self.language)
            reason = f"no rule settles it; a person would call it right with {likely:.0%}"
            grades.append(Grade(right, reason, likely, "model", ambiguous=unsure))
        return grades
