"""Read and check a domain folder: domain.toml, documents/, questions.jsonl or questions.csv, updates.jsonl."""

import csv
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data import jsonl
from data.documents import read_documents
from data.errors import TriviumError
from data.jsonl import problem
from data.leaks import normalised
from data.schema import Document, Domain, DomainSettings, Question, Update

TRAINING, DRAFTS = "training.jsonl", "drafts.jsonl"  # drafted wordings: to be trained, and to be reviewed


def read_settings(path: Path) -> DomainSettings:
    """The content of a domain.toml; the defaults where there is none."""
    if not path.exists():
        return DomainSettings(name=path.parent.resolve().name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return DomainSettings.model_validate({"name": path.parent.resolve().name, **content})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TriviumError(f"{path}: not valid TOML ({error}).") from error
    except ValidationError as error:
        raise TriviumError(f"{path}: {problem(error)}.") from error


def _jsonl_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for line in jsonl.lines(path):
        row = line.value()
        if not isinstance(row, dict):
            raise TriviumError(f'{path}, line {line.number}: a question must be a JSON object like {{"id": …}}.')
        yield line.number, row


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


def read_questions(path: Path) -> list[Question]:
    """Read a .jsonl or .csv file of questions.

    Raises:
        TriviumError: a line that is no question, or an id used twice; names file and line.
    """
    questions: list[Question] = []
    seen: dict[str, int] = {}
    try:
        for number, row in _jsonl_rows(path) if path.suffix == ".jsonl" else _csv_rows(path):
            try:
                question = Question.model_validate(row)
            except ValidationError as error:
                raise TriviumError(f"{path}, line {number}: {problem(error)}.") from error
            if question.id in seen:
                raise TriviumError(
                    f"{path}, line {number}: the id '{question.id}' is already that of line {seen[question.id]}."
                )
            seen[question.id] = number
            questions.append(question)
    except UnicodeDecodeError as error:
        raise TriviumError(f"{path}: not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    return questions


def question_file(folder: Path) -> Path:
    """The domain's questions.jsonl, or its questions.csv where there is none.

    Raises:
        TriviumError: there is neither.
    """
    jsonl, table = folder / "questions.jsonl", folder / "questions.csv"
    if jsonl.exists() or table.exists():
        return jsonl if jsonl.exists() else table
    drafts = " Drafts wait for `trivium review`." if (folder / DRAFTS).exists() else ""
    raise TriviumError(
        f"{folder}: there is no questions.jsonl and no questions.csv. Add one of them, or let `trivium init` draft "
        f"questions.{drafts}"
    )


def _long_words(text: str) -> set[str]:
    return {word for word in normalised(text).split() if len(word) > 3}


def _same_fact(question: Question, draft: Question) -> bool:
    """Whether a drafted example teaches what a question asks: the same answer from the same document, where both name
    one, and at least two longer words of the question in its evidence."""
    if question.document_ids and not set(question.document_ids) & set(draft.document_ids):
        return False
    return len(_long_words(question.question) & _long_words(" ".join(draft.evidence))) >= 2


def _with_drafted_training(questions: list[Question], drafted: list[Question]) -> list[Question]:
    """Add drafted training wordings. A test question that asks for a drafted fact and has none of its own is given it,
    so that its category follows from what training really covers."""
    by_answer: dict[str, list[Question]] = {}
    for draft in drafted:
        by_answer.setdefault(normalised(draft.answers[0]), []).append(draft)
    linked = []
    for question in questions:
        if question.split == "test" and question.answerable and question.fact_id == question.id:
            teaching = (d for answer in question.answers for d in by_answer.get(normalised(answer), ()))
            fact = next((draft.fact_id for draft in teaching if _same_fact(question, draft)), question.fact_id)
            question = question.model_copy(update={"fact_id": fact})
        linked.append(question)
    return [*linked, *drafted]


def read_updates(path: Path, documents: Mapping[str, Document], facts: Collection[str]) -> tuple[Update, ...]:
    """Read updates.jsonl, which may be missing, and check each line against documents and questions.

    Raises:
        TriviumError: a line that is no update, or whose sentence does not stand in its document exactly once.
    """
    if not path.exists():
        return ()
    updates = []
    for number, row in _jsonl_rows(path):
        try:
            update = Update.model_validate(row)
        except ValidationError as error:
            raise TriviumError(f"{path}, line {number}: {problem(error)}.") from error
        if update.fact_id not in facts:
            raise TriviumError(f"{path}, line {number}: no question has the fact_id '{update.fact_id}'.")
        if update.document_id not in documents:
            raise TriviumError(f"{path}, line {number}: '{update.document_id}' is not in documents/.")
        if (found := documents[update.document_id].text.count(update.old)) != 1:
            raise TriviumError(
                f"{path}, line {number}: the old sentence stands {found} times in {update.document_id}; it must stand "
                "there exactly once."
            )
        updates.append(update)
    return tuple(updates)


def load_domain(folder: Path) -> Domain:
    """Read a domain folder and check that its parts agree.

    Raises:
        TriviumError: the first thing that is wrong, with its place and the remedy.
    """
    if not folder.is_dir():
        raise TriviumError(f"{folder}: no such folder. Give the path of a domain folder.")
    if not any(folder.iterdir()):
        raise TriviumError(f"{folder}: the folder is empty. A domain needs documents/ and questions.jsonl or .csv.")
    settings = read_settings(folder / "domain.toml")
    path = question_file(folder)
    questions = read_questions(path)
    if not questions:
        raise TriviumError(f"{path}: there is no question in it.")
    if (folder / TRAINING).exists():
        drafted = [q for q in read_questions(folder / TRAINING) if q.answerable]
        questions = _with_drafted_training(questions, drafted)
    documents = tuple(read_documents(folder / "documents"))
    known = {document.id: document for document in documents}
    for question in questions:
        if unknown := [name for name in question.document_ids if name not in known]:
            raise TriviumError(
                f"{folder}: the question '{question.id}' points to '{unknown[0]}', which is not in documents/."
            )
    if not any(question.split == "test" for question in questions):
        raise TriviumError(f'{folder}: no question has split "test", so there is nothing to ask.')
    updates = read_updates(folder / "updates.jsonl", known, {question.fact_id for question in questions})
    return Domain(folder=folder, settings=settings, documents=documents, questions=tuple(questions), updates=updates)
