"""Grade the saved answers of a run; needs no model."""

from typing import Any

from data.schema import Question
from evaluation.grade import grade
from evaluation.run_folder import RunFolder


def load_questions(folder: RunFolder) -> dict[str, Question]:
    return {row["id"]: Question.model_validate(row) for row in folder.rows("questions.jsonl")}


def score_answers(folder: RunFolder) -> list[dict[str, Any]]:
    """Grade every saved answer; needs no model. An unanswerable question asked of nobody has no line."""
    questions = load_questions(folder)
    rows = []
    for answer in folder.answers():
        judged = grade(questions[answer.question_id], answer.answer)
        key = {"method": answer.method, "seed": answer.seed, "phase": answer.phase, "question_id": answer.question_id}
        rows.append(key | {"grade": str(judged.grade), "reason": judged.reason})
    return rows
