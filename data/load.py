"""Read and check a domain folder: domain.toml, documents/, questions.jsonl or questions.csv, updates.jsonl."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data import jsonl
from data.documents import read_documents
from data.domain_findings import domain_findings
from data.errors import TriviumError
from data.findings import Finding, ordered
from data.jsonl import problem
from data.leaks import normalised
from data.names import resolved
from data.question_file import DRAFTS, counted_once, question_file, read_questions, rows_of
from data.schema import Document, Domain, Question, Update
from data.settings import read_settings
from data.updates import UpdateConflict, apply

__all__ = ["DRAFTS", "TRAINING", "load_domain", "question_file", "read_questions", "read_updates"]
TRAINING = "training.jsonl"  # drafted wordings that fine-tuning learns from


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


def _whole_update(line: jsonl.Line, row: Any, documents: Mapping[str, Document], facts: Collection[str]) -> Update:
    place = f"{line.path}, line {line.number}"
    try:
        update = Update.model_validate(row)
    except ValidationError as error:
        raise TriviumError(f"{place}: {problem(error)}.") from error
    if update.fact_id not in facts:
        raise TriviumError(f"{place}: no question has the fact_id '{update.fact_id}'.")
    if update.document_id not in documents:
        raise TriviumError(f"{place}: '{update.document_id}' is not in documents/.")
    if (found := documents[update.document_id].text.count(update.old)) != 1:
        raise TriviumError(
            f"{place}: the old sentence stands {found} times in {update.document_id}; it must stand there exactly once."
        )
    return update


def read_updates(path: Path, documents: Mapping[str, Document], facts: Collection[str]) -> tuple[Update, ...]:
    """Read updates.jsonl, which may be missing, and check each line against documents and questions.

    Raises:
        TriviumError: a line that is no update, whose sentence does not stand in its document exactly once, or that
            changes words which another changes too.
    """
    if not path.exists():
        return ()
    lines = list(rows_of(path))
    updates = [_whole_update(line, row, documents, facts) for line, row in lines]
    try:
        apply({name: document.text for name, document in documents.items()}, updates)
    except UpdateConflict as error:
        one, other = (lines[place][0].number for place in error.places)
        raise TriviumError(
            f"{path}, line {other}: it changes the same words as line {one}, in another way. Make one update of both."
        ) from error
    return tuple(updates)


def _named(questions: Iterable[Question], known: Collection[str], folder: Path) -> Iterator[Question]:
    """Questions with the ids of their documents.

    Raises:
        TriviumError: a question names a document that is not there.
    """
    for question in questions:
        found = [name if name in known else resolved(name, known) for name in question.document_ids]
        if None in found:
            lost = question.document_ids[found.index(None)]
            raise TriviumError(
                f"{folder}: the question '{question.id}' points to '{lost}', which is not in documents/."
            )
        names = tuple(name for name in found if name)
        yield question if names == question.document_ids else question.model_copy(update={"document_ids": names})


def load_domain(folder: Path) -> Domain:
    """Read a domain folder and check that its parts agree.

    Raises:
        TriviumError: the first thing that is wrong, with its place and the remedy.
    """
    if not folder.is_dir():
        raise TriviumError(f"{folder}: no such folder. Give the path of a domain folder.")
    if not any(folder.iterdir()):
        raise TriviumError(f"{folder}: the folder is empty. A domain needs documents/ and questions.jsonl or .csv.")
    settings, path = read_settings(folder / "domain.toml"), question_file(folder)
    findings: list[Finding] = []
    questions = counted_once(read_questions(path, findings), findings)
    if not questions:
        raise TriviumError(f"{path}: there is no question in it.")
    if (folder / TRAINING).exists():
        drafted = [q for q in read_questions(folder / TRAINING) if q.answerable]
        questions = _with_drafted_training(questions, drafted)
    documents = tuple(read_documents(folder / "documents", findings))
    known = {document.id: document for document in documents}
    questions = list(_named(questions, known, folder))
    if not any(question.split == "test" for question in questions):
        raise TriviumError(f'{folder}: no question has split "test", so there is nothing to ask.')
    updates = read_updates(folder / "updates.jsonl", known, {question.fact_id for question in questions})
    domain = Domain(folder=folder, settings=settings, documents=documents, questions=tuple(questions), updates=updates)
    findings += domain_findings(domain)
    return domain.model_copy(update={"findings": tuple(ordered(findings))})
