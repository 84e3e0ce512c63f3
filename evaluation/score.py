"""Grade the saved answers of a run; needs no model."""

from typing import Any

from data.schema import Category, Question
from evaluation.grade import grade, has_form, is_stale
from evaluation.run_folder import RunFolder


def load_questions(folder: RunFolder) -> dict[str, Question]:
    return {row["id"]: Question.model_validate(row) for row in folder.rows("questions.jsonl")}


def score_answers(folder: RunFolder) -> list[dict[str, Any]]:
    """Grade every saved answer; needs no model. An unanswerable question asked of nobody has no line.

    Answers to questions that ask for the house form get `form` too, those asked after an update `stale`.
    """
    questions = load_questions(folder)
    pattern = folder.record()["domain"].get("style_pattern", "")
    rows = []
    for answer in folder.answers():
        question = questions[answer.question_id]
        judged = grade(question, answer.answer)
        row = {"method": answer.method, "seed": answer.seed, "phase": answer.phase, "question_id": answer.question_id}
        row |= {"grade": str(judged.grade), "reason": judged.reason}
        if question.category is Category.STYLE and pattern:
            row["form"] = has_form(pattern, answer.answer)
        if answer.phase == "updated":
            row["stale"] = is_stale(question, answer.answer)
        rows.append(row)
    return rows
