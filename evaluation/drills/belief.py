"""Whom a method believes: its passage, in which a value is another one, or what it knew before.

As the counterfactual test of RGB (Chen et al. 2024, arXiv 2309.01431), with passages of the domain.
"""

from collections import Counter

from data.errors import Incapable
from data.prompt import Passage
from data.schema import Question
from evaluation.drills.bench import Bench
from evaluation.drills.figures import Found
from evaluation.drills.measured import Measured, Reply
from evaluation.grading.rules import GradeName
from evaluation.numbers import share

CONTRADICTED = "a passage that says otherwise"
WHOM = {"passage": "says what the passage says", "before": "what was there before", "unknown": "unknown",
        "else": "something else"}  # fmt: skip


def believed(found: Found, name: str) -> list[str]:
    """Questions asked, then the share of answers that follow each of `WHOM`."""
    point = found.point(name, CONTRADICTED)
    figures = dict(point.figures) if point else {}
    n = int(figures.get("asked") or 0)
    return [str(n), *(share((figures.get(whom) or 0) / n if n else None, n) for whom in WHOM)]


def contradicted(bench: Bench, name: str) -> Measured:
    """Ask with the gold passage in which the value is another one that the domain names, and count whose is said."""
    changed = [made for question in bench.questions(with_gold=True) if (made := _changed(bench, question))]
    if not changed:
        raise Incapable("no question names another value that could stand in its passage (distractors).")
    replies = bench.ask(name, [q for q, _, _ in changed], [[p] for _, p, _ in changed])
    turned = [_turned(question, other) for question, _, other in changed]
    follows = bench.grader.grade([(q, r.text) for q, r in zip(turned, replies, strict=True)])
    kept = [
        Reply(q, r.text, new.grade, r.seconds, r.tokens, {"whom": _whom(new.grade, r)})
        for q, r, new in zip(turned, replies, follows, strict=True)
    ]
    counts = Counter(reply.more["whom"] for reply in kept)
    return Measured(kept, {"asked": float(len(kept))} | {whom: float(counts[whom]) for whom in WHOM})


def _changed(bench: Bench, question: Question) -> tuple[Question, Passage, str] | None:
    """A question, its gold passage with another value in it, and that value; None where there is none."""
    gold, other = bench.gold.of(question)[0], next(iter(question.distractors), "")
    said = next((answer for answer in question.answers if answer in gold.text), "")
    text = gold.text.replace(said, other) if said and other else gold.text
    if text == gold.text:
        return None
    return question, Passage(gold.document_id, gold.chunk_id, gold.title, text), other


def _turned(question: Question, other: str) -> Question:
    """The question as the changed passage answers it: what was right is a rival value."""
    rivals = (*question.answers, *(value for value in question.distractors if value != other))
    return question.model_copy(update={"answers": (other,), "distractors": rivals})


def _whom(by_passage: GradeName, reply: Reply) -> str:
    if by_passage is GradeName.CORRECT:
        return "passage"
    if reply.right:
        return "before"
    return "unknown" if reply.grade is GradeName.ABSTAINED else "else"
