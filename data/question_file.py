"""The questions of a domain: questions.jsonl in the domain's own form, or questions.csv in any form that is read."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data import jsonl
from data.errors import TriviumError
from data.findings import Finding, as_one, warning
from data.questions.columns import ANSWER, QUESTION
from data.questions.numbering import keys_of
from data.questions.reader import read_material
from data.schema import Question
from data.text_cleaning import clean_text

DRAFTS = "drafts.jsonl"  # drafted wordings that wait for a person


def question_file(folder: Path) -> Path:
    """The domain's questions.jsonl, or its questions.csv where there is none.

    Raises:
        TriviumError: there is neither.
    """
    lines, table = folder / "questions.jsonl", folder / "questions.csv"
    if lines.exists() or table.exists():
        return lines if lines.exists() else table
    drafts = " Drafts wait for `trivium review`." if (folder / DRAFTS).exists() else ""
    raise TriviumError(
        f"{folder}: there is no questions.jsonl and no questions.csv. Add one of them, or let `trivium init` draft "
        f"questions.{drafts}"
    )


_NAMES = ("id", "fact_id", "document_id", "document_ids", "needs", "meta")  # are what they are


def _cleaned(value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    return clean_text(value) if isinstance(value, str) else value


def rows_of(path: Path) -> Iterator[tuple[jsonl.Line, dict[str, Any]]]:
    """Lines of a file of the domain, each an object, with its texts cleaned as those of documents are.

    Raises:
        TriviumError: a line is none; names file and line.
    """
    for line in jsonl.lines(path):
        row = line.value()
        if not isinstance(row, dict):
            raise TriviumError(f'{path}, line {line.number}: a question must be a JSON object like {{"id": …}}.')
        yield line, {key: value if key in _NAMES else _cleaned(value) for key, value in row.items()}


def _from_lines(path: Path) -> Iterator[tuple[str, Question]]:
    for line, row in rows_of(path):
        try:
            yield f"line {line.number}", Question.model_validate(row)
        except ValidationError as error:
            raise TriviumError(f"{path}, line {line.number}: {jsonl.problem(error)}.") from error


def _from_table(path: Path, findings: list[Finding]) -> Iterator[tuple[str, Question]]:
    material = read_material(path)
    if material is None:
        raise TriviumError(
            f"{path}, line 1: no column holds questions (looked for {', '.join(QUESTION[:4])} …) beside answers "
            f"(looked for {', '.join(ANSWER[:4])}, answers, answer …)."
        )
    if material.left_out:
        first = material.left_out[0]
        raise TriviumError(f"{first.place}: {first.sentence.removeprefix('left out: ')}. Fix or delete the row.")
    left_out = f"{len(material.doubles):,} rows are the same as another and left out"
    findings += [*material.notes, *as_one(material.doubles, left_out, "Delete one of each.")]
    for row in material.questions:
        yield f"question {row['id']}", Question.model_validate(row)


def read_questions(path: Path, findings: list[Finding] | None = None) -> list[Question]:
    """Read a .jsonl or .csv file of questions.

    Args:
        findings: what a person should know of the file is added to it.

    Raises:
        TriviumError: a line that is no question, or an id used twice; names file and line.
    """
    questions: list[Question] = []
    seen: dict[str, str] = {}
    told = findings if findings is not None else []
    for place, question in _from_lines(path) if path.suffix.lower() == ".jsonl" else _from_table(path, told):
        if question.id in seen:
            raise TriviumError(f"{path}, {place}: the id '{question.id}' is already that of {seen[question.id]}.")
        seen[question.id] = place
        questions.append(question)
    return questions


def counted_once(questions: Iterable[Question], findings: list[Finding]) -> list[Question]:
    """The questions without test questions that ask what another asks and accept the same answer."""
    seen: dict[tuple[str, str, str], str] = {}
    kept, twins = [], []
    for question in questions:
        keys = keys_of(question.model_dump(include={"split", "question", "answers"}))
        twin = next((seen[key] for key in keys if key in seen), "") if question.split == "test" else ""
        if twin:
            sentence = f"the same wording as {twin}, and the same answer; it counts once"
            twins.append(warning(question.id, sentence, "Delete one of them."))
            continue
        for key in keys:
            seen.setdefault(key, question.id)
        kept.append(question)
    all_of_them = f"{len(twins):,} questions have the same wording as another, and the same answer; each counts once"
    findings += as_one(twins, all_of_them, "Delete one of each.")
    return kept
