"""One cause for each answer that is not right, computed from what the method had in front of it."""

from collections.abc import Collection
from enum import StrEnum

from data.schema import Category, Question
from evaluation.answer import Answer
from evaluation.grade import GradeName


class Cause(StrEnum):
    """Why an answer is not right; the first that applies, in this order."""

    ANSWERED_UNANSWERABLE = "answered_unanswerable"
    NOT_IN_WINDOW = "not_in_window"  # injection left the document out
    NOT_RETRIEVED = "not_retrieved"  # no gold passage in the prompt
    REFUSED_ANSWERABLE = "refused_answerable"
    GIVEN_NOT_USED = "given_not_used"  # the gold passage was in the prompt
    NEVER_TRAINED = "never_trained"
    TRAINED_BUT_LOST = "trained_but_lost"
    NOT_KNOWN = "not_known"  # closed book, base weights
    UNKNOWN = "unknown"  # the domain does not say where the answer stands


def cause_of(
    question: Question, category: Category, answer: Answer, grade: GradeName, trained_facts: Collection[str] | None
) -> Cause | None:
    """The cause, or None where the answer is right or was not graded.

    `trained_facts` None: the adapter learned from all document text.
    """
    if grade in (GradeName.CORRECT, GradeName.UNSCORED):
        return None
    if category is Category.UNANSWERABLE:
        return Cause.ANSWERED_UNANSWERABLE if grade is GradeName.WRONG else None
    if "rag" in answer.method or answer.method in ("inject", "oracle"):
        if not question.document_ids:
            return Cause.REFUSED_ANSWERABLE if grade is GradeName.ABSTAINED else Cause.UNKNOWN
        given = {context.document_id for context in answer.contexts} & set(question.document_ids)
        if not given or (category is Category.MULTI_HOP and given < set(question.document_ids)):
            return Cause.NOT_IN_WINDOW if answer.method == "inject" else Cause.NOT_RETRIEVED
        return Cause.REFUSED_ANSWERABLE if grade is GradeName.ABSTAINED else Cause.GIVEN_NOT_USED
    if answer.method == "base":
        return Cause.NOT_KNOWN
    return Cause.TRAINED_BUT_LOST if question.covered_by(trained_facts) else Cause.NEVER_TRAINED
