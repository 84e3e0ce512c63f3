"""One cause for each answer that is not right, computed from what the method had in front of it."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from data.prompt import Passage
from data.schema import Question
from evaluation.analysis.returned import judged
from evaluation.contest.address import PREFIX
from evaluation.grading.rules import GradeName
from evaluation.results.method import Decomposition
from evaluation.run.records import Answer
from evaluation.run.registry import spec_of
from evaluation.run.relevance import gold_groups


class Cause(StrEnum):
    """Why an answer is not right; the first that applies, in this order."""

    ANSWERED_UNANSWERABLE = "answered_unanswerable"
    WRONG_FORM = "wrong_form"  # says the right thing, but not in the house style that the question asks for
    STALE_VALUE = "stale_value"  # what was right before the documents changed
    NOT_IN_WINDOW = "not_in_window"  # injection left the document out
    NOT_RETRIEVED = "not_retrieved"  # no gold passage in the prompt
    REFUSED_ANSWERABLE = "refused_answerable"
    GIVEN_NOT_USED = "given_not_used"  # the gold passage was in the prompt
    NEVER_TRAINED = "never_trained"
    TRAINED_BUT_LOST = "trained_but_lost"
    NOT_KNOWN = "not_known"  # closed book, base weights
    NOT_SEEN = "not_seen"  # a contestant: what it had in front of it is not known
    UNKNOWN = "unknown"  # the domain does not say where the answer stands


CAUSE_NAMES = {
    Cause.ANSWERED_UNANSWERABLE: "answered what no document says",
    Cause.WRONG_FORM: "right, but not in the house style",
    Cause.STALE_VALUE: "gave what was right before the change",
    Cause.NOT_IN_WINDOW: "its document did not fit the window",
    Cause.NOT_RETRIEVED: "the right passage was not retrieved",
    Cause.REFUSED_ANSWERABLE: "refused although the passage was given",
    Cause.GIVEN_NOT_USED: "the passage was given but not used",
    Cause.NEVER_TRAINED: "never trained",
    Cause.TRAINED_BUT_LOST: "trained, but not recalled",
    Cause.NOT_KNOWN: "not known to the base model",
    Cause.NOT_SEEN: "your system did not show what it answered from",
    Cause.UNKNOWN: "the domain does not say where the answer stands",
}


class Supply:
    """Which answers had in their prompt what the question needs."""

    def __init__(self, chunks: Sequence[Passage]) -> None:
        # Whole documents are what injection gives, pieces what the others give: gold is looked for among like ones.
        self.whole: dict[str, list[Passage]] = {}
        self.pieces: dict[str, list[Passage]] = {}
        self.returned: dict[str, Passage] = {}  # by contestants
        for chunk in chunks:
            if chunk.chunk_id.startswith(PREFIX):
                self.returned[chunk.chunk_id] = chunk
                continue
            kind = self.whole if chunk.chunk_id.endswith("#all") else self.pieces
            kind.setdefault(chunk.document_id, []).append(chunk)

    def given(self, question: Question, answer: Answer) -> bool | None:
        """Whether the gold passage (of a multi-hop question: each) was in the prompt; None: no document is named.

        Of a contestant: whether it is among the passages that came back; None where it never returned any.
        """
        if spec_of(answer.method).is_contestant:
            return self._came_back(question, answer)
        if not question.document_ids:
            return None
        kind = self.whole if spec_of(answer.method).context == "all" else self.pieces
        own = [chunk for name in question.document_ids for chunk in kind.get(name, [])]
        prompt = {context.chunk_id for context in answer.contexts}
        groups = gold_groups(question, own)
        return all(group & prompt for group in groups)

    def _came_back(self, question: Question, answer: Answer) -> bool | None:
        if not any(name.partition("#")[0] == answer.method for name in self.returned):
            return None
        found = judged(question, [self.returned[context.chunk_id] for context in answer.contexts])
        return None if found is None else None not in found["ranks"]


def cause_of(
    question: Question,
    answer: Answer,
    score: Mapping[str, Any],
    given: bool | None,
    trained_facts: Collection[str] | None,
) -> Cause | None:
    """The cause, or None where the answer is right or was not graded.

    Args:
        score: the answer's line of scores.jsonl.
        given: as `Supply.given` says.
        trained_facts: None: the adapter learned from all document text.
    """
    grade = score["grade"]
    if grade == GradeName.UNSCORED:
        return None
    if not question.answerable:
        return Cause.ANSWERED_UNANSWERABLE if grade == GradeName.WRONG else None
    if grade == GradeName.CORRECT:
        return Cause.WRONG_FORM if score.get("form") is False else None
    if score.get("stale"):
        return Cause.STALE_VALUE
    spec = spec_of(answer.method)
    if spec.is_contestant:
        return _of_contestant(answer, grade, given)
    if not spec.closed_book:
        return _of_reader(answer, grade, given)
    if spec.knows_nothing:
        return Cause.NOT_KNOWN
    return Cause.TRAINED_BUT_LOST if question.covered_by(trained_facts) else Cause.NEVER_TRAINED


def _of_reader(answer: Answer, grade: str, given: bool | None) -> Cause:
    if given is False:
        return Cause.NOT_IN_WINDOW if spec_of(answer.method).context == "all" else Cause.NOT_RETRIEVED
    if grade == GradeName.ABSTAINED:
        return Cause.REFUSED_ANSWERABLE
    return Cause.GIVEN_NOT_USED if given else Cause.UNKNOWN


def _of_contestant(answer: Answer, grade: str, given: bool | None) -> Cause:
    return Cause.NOT_SEEN if given is None else _of_reader(answer, grade, given)


def decomposition(rows: Sequence[tuple[bool, bool]]) -> Decomposition | None:
    """Accuracy = recall · use given a hit + (1 - recall) · luck given a miss, over (given, right) pairs.

    A share of nothing is None, never 0.
    """
    if not rows:
        return None
    hits = [right for given, right in rows if given]
    misses = [right for given, right in rows if not given]
    return Decomposition(
        n=len(rows),
        hits=len(hits),
        recall=len(hits) / len(rows),
        use_given_hit=sum(hits) / len(hits) if hits else None,
        luck_given_miss=sum(misses) / len(misses) if misses else None,
        accuracy=(sum(hits) + sum(misses)) / len(rows),
    )
