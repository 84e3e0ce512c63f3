"""Grade the answers of any system from a file, and say how far the grades agree with people where labels are there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from data import jsonl
from data.errors import TriviumError
from data.progress import Progress, silent
from data.schema import Question
from evaluation.grading.agreement import Agreement, agreement
from evaluation.grading.rules import Grade, GradeName

NOT_MEASURED = 'rules only, not measured (no line with "correct")'
MEASURED = "no label in this file; measured on English answers, see docs/grading.md"


class SubmittedAnswer(BaseModel):
    """One line: a question, its accepted answers (none: unanswerable), what the system said, and a person's label."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    question: str
    answers: tuple[str, ...]
    candidate: str | None  # null is an empty answer
    correct: bool | None = None
    distractors: tuple[str, ...] = ()
    points: tuple[str, ...] = ()  # for a long answer: the facts that it must state
    rubric: str = ""
    language: str = ""  # ISO 639-1; empty: the file's

    def asked(self) -> Question:
        forms = tuple(answer for answer in self.answers if answer.strip())
        return Question(
            id=self.id or "?", question=self.question or "?", answers=forms, distractors=self.distractors,
            points=self.points, rubric=self.rubric,
        )  # fmt: skip


def read_submitted(path: Path) -> list[SubmittedAnswer]:
    """Read the lines of a file.

    Raises:
        TriviumError: the file is missing or empty, or a line is not of this form; names file and line.
    """
    if not path.exists():
        raise TriviumError(f"{path}: no such file.")
    rows = []
    for line in jsonl.lines(path):
        try:
            rows.append(line.model(SubmittedAnswer))
        except TriviumError as error:
            form = 'A line is {"id", "question", "answers": […], "candidate"[, "correct"]}.'
            raise TriviumError(f"{error} {form}") from error
    if not rows:
        raise TriviumError(f"{path}: the file holds no answer.")
    return rows


def counts_as_right(row: SubmittedAnswer, grade: Grade) -> bool:
    """Right is correct, or for a question without accepted answers an abstention."""
    return grade.grade is (GradeName.CORRECT if row.asked().answerable else GradeName.ABSTAINED)


def graded_rows(rows: Sequence[SubmittedAnswer], grades: Sequence[Grade]) -> list[dict[str, Any]]:
    """What --out writes: the grade, how likely a person calls the answer right, why, and whether to look at it."""
    return [
        {
            "id": row.id,
            "grade": str(grade.grade),
            "probability": None if grade.probability is None else round(grade.probability, 4),
            "by": grade.by,
            "reason": grade.reason,
            "doubtful": grade.doubtful,
            **({} if grade.score is None else {"score": round(grade.score, 4)}),
        }
        for row, grade in zip(rows, grades, strict=True)
    ]


def write_grades(path: Path, rows: Sequence[SubmittedAnswer], grades: Sequence[Grade]) -> None:
    """Write `graded_rows` as JSON lines."""
    jsonl.write(path, graded_rows(rows, grades))


def grade_rows(
    rows: Sequence[SubmittedAnswer], word_limit: int, language: str = "en", progress: Progress = silent
) -> list[Grade]:
    """Grades in the order of the rows, each by the rules of its language; what has none is in `language`."""
    from evaluation.grading.grader import Grader

    grades: dict[int, Grade] = {}
    grader = Grader(word_limit=word_limit, language=language)
    for spoken in dict.fromkeys(row.language or language for row in rows):
        places = [place for place, row in enumerate(rows) if (row.language or language) == spoken]
        grader = Grader(grader.embedder, word_limit, spoken)
        items = [(rows[place].asked(), rows[place].candidate or "") for place in places]
        grades.update(zip(places, grader.grade(items, progress), strict=True))
    return [grades[place] for place in range(len(rows))]


def agreement_by_language(
    rows: Sequence[SubmittedAnswer], grades: Sequence[Grade], language: str = "en"
) -> dict[str, Agreement | None]:
    """Agreement of each language in the file; None where it has no label, so that grading is by rules, not measured."""
    found = {}
    for spoken in sorted({row.language or language for row in rows}):
        pairs = [(row, g) for row, g in zip(rows, grades, strict=True) if (row.language or language) == spoken]
        found[spoken] = agreement_with_labels([row for row, _ in pairs], [g for _, g in pairs])
    return found


def describe_languages(found: Mapping[str, Agreement | None]) -> list[str]:
    """A line for each language; none where all is English, for which the grader was measured."""
    if set(found) <= {"en"}:
        return []
    return [
        f"{code}: kappa {one.kappa:.3f} ({one.ci_low:.3f} to {one.ci_high:.3f}) on {one.n:,} labels"
        if one
        else f"{code}: {MEASURED if code == 'en' else NOT_MEASURED}"
        for code, one in found.items()
    ]


def mean_score(grades: Sequence[Grade]) -> tuple[float, int] | None:
    """Mean share of points over the answers to questions with points, and how many; None where there are none."""
    scores = [grade.score for grade in grades if grade.score is not None]
    return (sum(scores) / len(scores), len(scores)) if scores else None


def agreement_with_labels(rows: Sequence[SubmittedAnswer], grades: Sequence[Grade]) -> Agreement | None:
    """Agreement over the labelled lines that were graded; None where there is none. What is unscored is not wrong."""
    labelled = [
        (row, grade)
        for row, grade in zip(rows, grades, strict=True)
        if row.correct is not None and grade.grade is not GradeName.UNSCORED
    ]
    if not labelled:
        return None
    return agreement(
        [counts_as_right(row, grade) for row, grade in labelled],
        [bool(row.correct) for row, _ in labelled],
        [row.question for row, _ in labelled],
    )


def describe_agreement(found: Agreement) -> list[str]:
    """Lines for the terminal."""

    def share(value: float | None) -> str:
        return "n/a" if value is None else f"{value:.1%}"

    lines = [
        f"Agreement with {found.n:,} labels on {found.n_questions:,} questions: kappa {found.kappa:.3f} "
        f"({found.ci_low:.3f} to {found.ci_high:.3f}, 95 % over questions)",
        f"Of the answers graded right, people call right: {share(found.precision)} (precision)",
        f"Of the answers people call right, graded right: {share(found.recall)} (recall)",
        f"{'':24}{'person: right':>15}{'person: wrong':>15}",
        f"{'graded right':24}{found.true_right:>15,}{found.false_right:>15,}",
        f"{'not graded right':24}{found.false_wrong:>15,}{found.true_wrong:>15,}",
    ]
    return [*lines, f"Warning: {found.warning}"] if found.warning else lines
