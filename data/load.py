"""Read and check a domain folder: domain.toml, documents/, questions.jsonl or questions.csv."""

import csv
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.documents import read_documents
from data.errors import TriviumError
from data.schema import Domain, DomainSettings, Question


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "line"
    return f"'{place}': {first['msg'].removeprefix('Value error, ')}"


def _read_settings(path: Path) -> DomainSettings:
    if not path.exists():
        return DomainSettings(name=path.parent.resolve().name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return DomainSettings.model_validate({"name": path.parent.resolve().name, **content})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TriviumError(f"{path}: not valid TOML ({error}).") from error
    except ValidationError as error:
        raise TriviumError(f"{path}: {_problem(error)}.") from error


def _jsonl_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise TriviumError(f"{path}, line {number}: not valid JSON ({error.msg}). Mend or delete it.") from error
        if not isinstance(row, dict):
            raise TriviumError(f'{path}, line {number}: a question must be a JSON object like {{"id": …}}.')
        yield number, row


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a table with at least the columns question and answer; several accepted forms are split at ' | '."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := {"question", "answer"} - set(reader.fieldnames or ()):
            raise TriviumError(f"{path}, line 1: the column {' and '.join(sorted(missing))} is missing.")
        for row in reader:
            if None in row or any(value is None for value in row.values()):
                raise TriviumError(f"{path}, line {reader.line_num}: the number of columns differs from the header's.")
            answers = [form.strip() for form in (row.pop("answer") or "").split(" | ") if form.strip()]
            documents = [name.strip() for name in row.pop("document_ids", "").split(" | ") if name.strip()]
            known = {key: value for key, value in row.items() if key in Question.model_fields and value}
            identity = {"id": f"q{reader.line_num:05d}", **known}
            yield reader.line_num, {**identity, "answers": answers, "document_ids": documents}


def read_questions(folder: Path) -> list[Question]:
    """Read questions.jsonl, or questions.csv where there is none.

    Raises:
        TriviumError: no such file, a line that is no question, or an id used twice; names file and line.
    """
    jsonl, table = folder / "questions.jsonl", folder / "questions.csv"
    path = jsonl if jsonl.exists() else table
    if not path.exists():
        raise TriviumError(f"{folder}: there is no questions.jsonl and no questions.csv. Add one of them.")
    questions: list[Question] = []
    seen: dict[str, int] = {}
    try:
        for number, row in _jsonl_rows(path) if path == jsonl else _csv_rows(path):
            try:
                question = Question.model_validate(row)
            except ValidationError as error:
                raise TriviumError(f"{path}, line {number}: {_problem(error)}.") from error
            if question.id in seen:
                raise TriviumError(
                    f"{path}, line {number}: the id '{question.id}' is already that of line {seen[question.id]}."
                )
            seen[question.id] = number
            questions.append(question)
    except UnicodeDecodeError as error:
        raise TriviumError(f"{path}: not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    if not questions:
        raise TriviumError(f"{path}: there is no question in it.")
    return questions


def load_domain(folder: Path) -> Domain:
    """Read a domain folder and check that its parts agree.

    Raises:
        TriviumError: the first thing that is wrong, with its place and the remedy.
    """
    if not folder.is_dir():
        raise TriviumError(f"{folder}: no such folder. Give the path of a domain folder.")
    if not any(folder.iterdir()):
        raise TriviumError(f"{folder}: the folder is empty. A domain needs documents/ and questions.jsonl or .csv.")
    settings = _read_settings(folder / "domain.toml")
    questions = read_questions(folder)
    documents = tuple(read_documents(folder / "documents"))
    known = {document.id for document in documents}
    for question in questions:
        if unknown := set(question.document_ids) - known:
            raise TriviumError(
                f"{folder}: the question '{question.id}' points to '{min(unknown)}', which is not in documents/."
            )
    if not any(question.split == "test" for question in questions):
        raise TriviumError(f'{folder}: no question has split "test", so there is nothing to ask.')
    return Domain(folder=folder, settings=settings, documents=documents, questions=tuple(questions))
