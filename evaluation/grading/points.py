"""Long answers: a question with points is graded claim by claim, by the share of the points that the reply states.

A point is graded as a question of its own, with the passage of the reply that has most in common with it: by rules
where its numbers, opposites and words settle it, else by the second stage or a judge.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from data.schema import Question
from evaluation.grading.competing_values import rival_value
from evaluation.grading.languages import table
from evaluation.grading.opposites import contradicts
from evaluation.grading.refusals import abstains
from evaluation.grading.rules import Grade, GradeName, grade_by_rules
from evaluation.grading.values.plain import without_reasoning
from evaluation.grading.values.quantities import quantities
from evaluation.grading.values.words import among, words_of

Item = tuple[Question, str | None]
LONGEST = 1000  # words of a long answer that are read
STATED = 0.8  # share of a point's words from which on it is stated, where all its numbers are there too
UNRELATED = 0.2  # below that no sentence is about the point
_SENTENCE = re.compile(r"(?<=[.!?。！？;])\s+|(?<=[。！？])|\n+(?:[-*•]\s+|\d+[.)]\s+)?")
_SMALL = frozenset(
    ["of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "is", "are", "was", "were", "be", "it",
     "its", "that", "this", "you", "your", "they", "has", "have", "must", "can", "will", "as"]
)  # fmt: skip


class Claim(Question):
    """One point of a question as a question of its own; its only accepted form is the point."""


def claims(question: Question, reply: str, language: str = "en") -> list[Item]:
    """Each point of a question with the passage of the reply that is about it."""
    said = " ".join(without_reasoning(reply).split(" ")[:LONGEST])
    return [
        (Claim(id=f"{question.id}#{number}", question=question.question, answers=(p,)), _passage(p, said, language))
        for number, p in enumerate(question.all_points, 1)
    ]


def _passage(point: str, reply: str, language: str) -> str:
    """The sentence with most of the point's words, with the next one where that adds some."""
    sentences = [part.strip() for part in _SENTENCE.split(reply) if part.strip()]
    if len(sentences) < 2:
        return reply
    pairs = [*sentences, *(f"{one} {other}" for one, other in pairwise(sentences))]
    return max(pairs, key=lambda part: (_covered(point, part, language), -len(part)))


def _covered(point: str, passage: str, language: str) -> float:
    """Share of the point's content words and amounts that the passage has."""
    form, said = words_of(point, language), words_of(passage, language)
    amounts, given = quantities(form), quantities(said)
    inside = {at for amount in amounts for at in range(amount.start, amount.end)}
    content = [word for at, word in enumerate(form) if at not in inside and word not in _SMALL]
    kept = sum(any(one.equals(other) for other in given) for one in amounts)
    total = len(content) + len(amounts)
    return (sum(among(word, said) for word in content) + kept) / total if total else 0.0


def settle(question: Question, reply: str | None, limit: int, language: str = "en") -> Grade | None:
    """Grade by rules, a claim by those for claims; None where no rule settles it."""
    if isinstance(question, Claim) and reply is not None:
        return _settle_claim(question, reply, language)
    return grade_by_rules(question, reply, limit, language)


def _settle_claim(claim: Claim, passage: str, language: str) -> Grade | None:
    point = claim.answers[0]
    if not passage.strip() or (covered := _covered(point, passage, language)) < UNRELATED:
        return Grade(GradeName.ABSTAINED, "not stated")
    form, said = words_of(point, language), words_of(passage, language)
    if covered >= 0.5 and contradicts(claim.question, point, passage, language):
        return Grade(GradeName.WRONG, "the opposite is stated")
    amounts, given = quantities(form), quantities(said)
    kept = all(any(one.equals(other) for other in given) for one in amounts)
    if covered >= 0.5 and not kept and rival_value([form], said):
        return Grade(GradeName.WRONG, "another value is stated")
    negated = _is_denied(said, language) is not _is_denied(form, language)
    if covered >= STATED and kept and not negated:
        return Grade(GradeName.CORRECT, "stated")
    if covered >= STATED and kept and negated:
        return Grade(GradeName.WRONG, "denied")
    return None


def _is_denied(words: Sequence[str], language: str) -> bool:
    return bool({*table("en")["not"], *table(language).get("not", ())} & set(words))


def combine(question: Question, reply: str, grades: Sequence[Grade]) -> Grade:
    """The grade of a long answer from those of its claims.

    Its score is the share of points stated, less the share contradicted, never below 0. It is correct when all points
    are stated and none is contradicted.
    """
    stated = sum(grade.grade is GradeName.CORRECT for grade in grades)
    contradicted = sum(grade.grade is GradeName.WRONG and grade.by == "rules" for grade in grades)
    score = max(0.0, (stated - contradicted) / len(grades))
    unsure = any(grade.doubtful for grade in grades)
    by = "model" if any(grade.by == "model" for grade in grades) else "rules"
    by = "judge" if any(grade.by == "judge" for grade in grades) else by
    reason = f"{stated} of {len(grades)} points stated, {contradicted} contradicted"
    if any(grade.grade is GradeName.UNSCORED for grade in grades):
        return Grade(GradeName.UNSCORED, "the judge gave no verdict on a point", by=by)
    if not stated and not contradicted and abstains(reply):
        return Grade(GradeName.ABSTAINED, "said that it does not know", by=by, score=0.0)
    name = GradeName.CORRECT if stated == len(grades) and not contradicted else GradeName.WRONG
    return Grade(name, reason, by=by, ambiguous=unsure, score=score)


def by_claims(
    items: Sequence[Item], language: str, grade_each: Callable[[Sequence[Item]], Sequence[Grade]]
) -> list[Grade]:
    """Grades in the order of the items, those of questions with points put together from their claims' grades."""
    parts = [
        claims(question, reply, language) if reply is not None and question.all_points else [(question, reply)]
        for question, reply in items
    ]
    flat = iter(grade_each([part for some in parts for part in some]))
    grades = []
    for (question, reply), some in zip(items, parts, strict=True):
        each = [next(flat) for _ in some]
        grades.append(combine(question, reply or "", each) if isinstance(some[0][0], Claim) else each[0])
    return grades
