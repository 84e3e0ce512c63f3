"""Grade the saved answers of a run; needs no language model."""

from collections.abc import Sequence
from typing import Any

from data.progress import Progress, silent
from data.schema import Category
from evaluation.grading.grader import Grader
from evaluation.grading.rules import WORD_LIMIT, GradeName, has_form, is_stale
from evaluation.run.folder import RunFolder

LABELS = "labels.jsonl"  # what people said of single answers
_BY_PERSON = {True: GradeName.CORRECT, False: GradeName.WRONG}


def score_answers(
    folder: RunFolder,
    grader: Grader | None = None,
    progress: Progress = silent,
    known: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Grade every saved answer. An unanswerable question asked of nobody has no line.

    Answers to questions that ask for the house style have `form` too, those after an update `stale`. Where a person
    labelled an answer as right or not, that is the grade of a value; `own_grade` keeps what the grader said.

    Args:
        known: lines that were made before; their answers are not graded again.
    """
    questions = folder.questions()
    asked_of = folder.record()["domain"]
    pattern, language = asked_of.get("style_pattern", ""), asked_of.get("language", "en")
    with folder.in_form():
        last = {(row["question_id"], row["answer"]): row for row in folder.rows(LABELS)}
        labels = {key: bool(row["correct"]) for key, row in last.items() if not row.get("withdrawn")}
    graded = {(row["method"], row["seed"], row["phase"], row["question_id"]) for row in known}
    answers = [a for a in folder.answers() if (a.method, a.seed, a.phase, a.question_id) not in graded]
    with folder.in_form():
        items = [(questions[answer.question_id], answer.given) for answer in answers]
        limit = max(WORD_LIMIT, folder.record()["settings"].get("answer_words") or 0)
    grades = (grader or Grader(word_limit=limit, language=language)).grade(items, progress)
    rows = list(known)
    for answer, judged in zip(answers, grades, strict=True):
        question = questions[answer.question_id]
        label = labels.get((answer.question_id, answer.answer))
        row = {"method": answer.method, "seed": answer.seed, "phase": answer.phase, "question_id": answer.question_id}
        row |= {"grade": str(judged.grade), "own_grade": str(judged.grade), "by": judged.by, "reason": judged.reason}
        row |= {"probability": judged.probability, "doubtful": judged.doubtful and label is None}
        if judged.score is not None:
            row["score"] = judged.score
        if label is not None and judged.grade in _BY_PERSON.values():
            row |= {"grade": str(_BY_PERSON[label]), "by": "person"}
        if question.category is Category.STYLE and pattern:
            row["form"] = has_form(pattern, answer.answer)
        if answer.phase == "updated":
            row["stale"] = is_stale(question, answer.given, language)
        rows.append(row)
    return rows
