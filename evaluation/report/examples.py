"""Answers that a report holds, so that whoever gets the file can read what was counted: all, or the most telling."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.graded_run import GradedAnswer, GradedRun
from evaluation.results.schema import Results
from evaluation.results.verdict import Behind
from evaluation.run.folder import RunFolder
from evaluation.words import kind_words

LARGEST = 3_000_000  # characters of HTML about all answers, beyond which only some are held
EACH = 50  # answers a method that are held then
_MARKUP = 420  # characters of HTML about one answer beside its text, about
OUTCOMES = {"correct": "right", "abstained": "unknown", "wrong": "wrong"}  # by grade; one that is not here has none
WORDS = {"correct": "✓ right", "wrong": "✗ wrong", "abstained": "– said “unknown”", "unscored": "? not graded"}


@dataclass(frozen=True)
class Said:
    """What one method answered."""

    method: str
    text: str
    outcome: str  # right, unknown, wrong; empty: not graded
    grade: str  # as a mark and a word
    good: bool  # the answer where there is one, else "unknown"
    cause: str
    why: str
    read: tuple[str, ...]  # documents whose passages it had before it, in their order


@dataclass(frozen=True)
class Asked:
    """A question with all answers to it."""

    id: str
    question: str
    accepted: str
    evidence: tuple[str, ...]
    kind: str
    kind_words: str
    overall: bool  # whether it counts in the main table's right, unknown and wrong
    said: tuple[Said, ...]

    @property
    def differ(self) -> int:
        """How evenly the methods are split: what all get right, or none, tells little."""
        good = sum(one.good for one in self.said)
        return min(good, len(self.said) - good)


@dataclass(frozen=True)
class Examples:
    """The questions that a report holds, of those that were asked."""

    asked: tuple[Asked, ...]
    of: int

    @property
    def complete(self) -> bool:
        return len(self.asked) == self.of

    @property
    def kinds(self) -> dict[str, str]:
        """Kinds of question, with what people call them."""
        return {one.kind: one.kind_words for one in self.asked}

    def count(self, behind: Behind) -> int:
        """How many of the answers held are those that a sentence or figure is about."""
        return sum(is_meant(behind, asked, said) for asked in self.asked for said in asked.said)


def is_meant(behind: Behind, asked: Asked, said: Said) -> bool:
    """Whether an answer is among them. An outcome without a kind means the questions of the main table."""
    if behind.methods and said.method not in behind.methods:
        return False
    if behind.category and asked.kind != behind.category:
        return False
    if behind.outcome and not behind.category and not asked.overall:
        return False
    if behind.cause and said.cause != behind.cause:
        return False
    return not behind.outcome or said.outcome == behind.outcome


def answers_of(folder: RunFolder, results: Results, largest: int | None = LARGEST) -> Examples:
    """The answers of a finished run for its report."""
    only_read = results.coverage is not None and results.coverage.facts_taught is None
    return examples(GradedRun(folder).answers, only_read, largest)


def examples(answers: Sequence[GradedAnswer], only_read: bool = False, largest: int | None = LARGEST) -> Examples:
    """All answers of a run where they fit, else those that tell most.

    Args:
        only_read: whether training read the documents and was taught no question.
        largest: characters; None: no limit.
    """
    found: dict[tuple[str, str], list[GradedAnswer]] = defaultdict(list)
    for judged in answers:
        found[judged.question.id, judged.answer.phase].append(judged)
    asked = [_asked(group, only_read) for group in found.values()]
    size = sum(_MARKUP + len(one.text) for group in asked for one in group.said)
    size += sum(2 * _MARKUP + len(group.question) + len("".join(group.evidence)) for group in asked)
    if largest is None or size <= largest:
        return Examples(tuple(asked), len(asked))
    return Examples(tuple(_most_telling(asked)), len(asked))


def _asked(group: Sequence[GradedAnswer], only_read: bool) -> Asked:
    first = group[0]
    question, kind, phase = first.question, first.category, first.answer.phase
    return Asked(
        id=question.id if phase == "main" else f"{question.id}@{phase}",
        question=question.question,
        accepted=" | ".join(question.answers),
        evidence=question.evidence,
        kind=kind,
        kind_words=kind_words(kind, only_read),
        overall=question.answerable and phase == "main",
        said=tuple(map(_said, group)),
    )


def _said(judged: GradedAnswer) -> Said:
    good = judged.grade == ("correct" if judged.question.answerable else "abstained")
    rightly = ", rightly" if good and judged.grade == "abstained" else ""
    return Said(
        method=judged.answer.method,
        text=judged.answer.answer,
        outcome=OUTCOMES.get(judged.grade, ""),
        grade=f"{WORDS[judged.grade]}{rightly}",
        good=good,
        cause=judged.cause or "",
        why=CAUSE_NAMES[Cause(judged.cause)] if judged.cause else str(judged.score["reason"]),
        read=tuple(dict.fromkeys(context.document_id for context in judged.answer.contexts)),
    )


def _most_telling(asked: Sequence[Asked]) -> list[Asked]:
    """Up to so many answers of each method, its outcomes in turn, first those to which the methods differ most."""
    ranked = sorted(asked, key=lambda one: -one.differ)
    by_outcome: Mapping[str, Mapping[str, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    for one in ranked:
        for said in one.said:
            by_outcome[said.method][said.outcome].append(one)
    chosen: set[str] = set()
    for outcomes in by_outcome.values():
        turns = sorted(
            (place, one.id) for questions in outcomes.values() for place, one in enumerate(questions)
        )  # fmt: skip
        chosen |= {identity for _, identity in turns[:EACH]}
    return [one for one in ranked if one.id in chosen]
