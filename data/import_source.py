"""Make a domain, or add to one, from whatever lies in a folder or file: documents, questions, or both."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import jsonl
from data.documents import files_below, why_not_inside
from data.errors import TriviumError
from data.files import Together, together, write_text
from data.findings import Finding, note
from data.import_documents import TABLES, Imported, import_documents, write_document
from data.language import sure_language
from data.lock import changing_domain
from data.progress import Progress
from data.prompt import instruction_in
from data.questions.numbering import add_to
from data.questions.reader import SUFFIXES, holds_questions, read_documents_beside, read_material
from data.questions.source import Material
from data.schema import Question

QUESTION_SUFFIXES = SUFFIXES
DOCUMENT_LINES = "documents.jsonl"


@dataclass
class Outcome:
    """What an import did.

    Args:
        documents: ids in the domain.
        questions: number of those that were added.
        known: number of those that were there already.
        skipped: files (name: reason).
        left_out: rows that did not become questions.
        notes: what else a person should know.
    """

    documents: list[str] = field(default_factory=list)
    questions: int = 0
    known: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    left_out: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def _files(source: Path, folder: Path, outcome: Outcome) -> list[Path]:
    """Files of questions at the source, or below it except in the domain that is imported into."""
    found = [path for path, _ in files_below(source)] if source.is_dir() else [source]
    base, domain = (source if source.is_dir() else source.parent), folder.resolve()
    kept = []
    for path in (path for path in found if path.suffix.lower() in SUFFIXES):
        if reason := why_not_inside(path, base):
            outcome.skipped[path.relative_to(base).as_posix()] = reason
        elif path == source or not path.resolve().is_relative_to(domain):
            kept.append(path)
    return kept


def _check_target(source: Path, folder: Path) -> None:
    if source.resolve() in (folder.resolve(), (folder / "documents").resolve()):
        raise TriviumError(
            f"{source}: this is the domain itself. Name another source, or another folder to import into."
        )
    if folder.exists() and not folder.is_dir():
        raise TriviumError(f"{folder}: this is a file. Name a folder for the domain.")
    if (folder / "questions.csv").exists():
        raise TriviumError(f"{folder}: its questions.csv would be hidden by a new questions.jsonl. Name a new folder.")


def write_settings(folder: Path, files: Together | None = None, language: str = "en") -> None:
    """A domain.toml for a domain that has none."""
    path = folder / "domain.toml"
    if not path.exists():
        name = json.dumps(folder.resolve().name, ensure_ascii=False)
        instruction = json.dumps(instruction_in(language), ensure_ascii=False)
        write = files.write_text if files else write_text
        write(path, f'name = {name}\nlanguage = "{language}"\ninstruction = {instruction}\n')


def _documents(source: Path, folder: Path, progress: Progress, files: Together, found: list[Path]) -> Imported:
    """The documents at the source; tables that hold no questions are among them."""
    tables = [path for path in found if path.suffix.lower() in TABLES and not holds_questions(path)]
    if source.is_file() and source.suffix.lower() in SUFFIXES and source not in tables:
        return Imported()
    if any(path.name.lower() == DOCUMENT_LINES and path.parent == source for path in found):
        return Imported()  # then what lies beside it is about the data, not of it
    return import_documents(source, folder, progress, files, tables)


def _materials(
    source: Path, files: list[Path], known: dict[str, str], read: Imported, outcome: Outcome
) -> Iterator[Material]:
    """Everything that question files bring; those that are none stay among what was skipped, with a plainer reason.

    Args:
        known: documents of the domain; those of each file are added for the next.
        read: the documents of this import, with their names before it.
    """
    base = source if source.is_dir() else source.parent
    main = {path.parent: path.name for path in files if path.stem.lower() == "questions"}
    lines = {path.parent: path for path in files if path.name.lower() == DOCUMENT_LINES}
    for path in sorted(files, key=lambda path: path not in lines.values()):
        name, beside = path.relative_to(base).as_posix(), lines.get(path.parent)
        if path == beside and path.parent in main and main[path.parent].lower().endswith(".jsonl"):
            continue  # read with the questions that point to it
        if path != beside and path.name != main.get(path.parent, path.name):
            outcome.skipped[name] = f"{main[path.parent]} was taken; import this file by itself to add it"
            continue
        if name in read.names:
            outcome.notes.append(note(name, "no questions in it; read as a document (a table)"))
            continue
        material = _material(path, beside, known, read.names)
        if material is None:
            outcome.skipped[name] = "no questions in a form that is read (docs/domain.md lists them)"
            continue
        if not material.questions and not material.documents and material.left_out:
            outcome.skipped[name] = f"no row of it is a question ({material.left_out[0]})"
        known |= material.documents
        yield material


def _material(path: Path, beside: Path | None, known: Mapping[str, str], names: Mapping[str, str]) -> Material | None:
    if path == beside:
        material = Material()
        read_documents_beside(path, material)
        return material
    return read_material(path, beside if path.suffix.lower() == ".jsonl" else None, known, names)


def import_source(source: Path, folder: Path, progress: Progress) -> Outcome:
    """Import documents and questions from `source` into the domain folder: all that could be read, or nothing.

    Raises:
        TriviumError: there is nothing to import, or a question file is broken.
    """
    if not source.exists():
        raise TriviumError(f"{source}: no such file or folder.")
    _check_target(source, folder)
    with changing_domain(folder, "import"), together() as files:
        outcome = Outcome()
        progress("looking for documents and questions")
        _import_source(source, folder, progress, outcome, files)
    return outcome


def _import_source(source: Path, folder: Path, progress: Progress, outcome: Outcome, files: Together) -> None:
    documents, found = folder / "documents", _files(source, folder, outcome)
    read = _documents(source, documents, progress, files, found)
    outcome.documents = list(read.documents)
    outcome.notes += [note(*told.split(": ", 1)) for told in read.notes]
    known = _texts(documents) | {name: files.read_text(documents / name) for name in read.documents}
    old = _own_rows(folder / "questions.jsonl")
    rows: list[dict[str, Any]] = []
    for material in _materials(source, found, known, read, outcome):
        for name, text in material.documents.items():
            write_document(files, documents, name, text.strip() + "\n")
        outcome.documents += [name for name in material.documents if name not in outcome.documents]
        new, there = add_to([*old, *rows], material.questions, _drafted_ids(folder))
        rows, outcome.known = [*rows, *new], outcome.known + there
        outcome.left_out += [*material.left_out, *material.doubles]
        outcome.notes += material.notes
    not_read = {name: reason for name, reason in read.skipped.items() if Path(name).suffix.lower() not in SUFFIXES}
    outcome.skipped = not_read | outcome.skipped
    if not outcome.documents and not rows and not outcome.known:
        raise _nothing(source, outcome)
    _write_questions(folder / "questions.jsonl", old, rows, outcome, files)
    _settings(folder, known, rows, outcome, files)


def _settings(
    folder: Path, documents: Mapping[str, str], rows: list[dict[str, Any]], outcome: Outcome, files: Together
) -> None:
    """The settings of a new domain, with the language that its texts are in."""
    if (folder / "domain.toml").exists():
        return
    language = sure_language([*documents.values(), *(row["question"] for row in rows)])
    if language != "en":
        sentence = f"the texts are in '{language}', so the prompt and the grading are too"
        outcome.notes.append(note(str(folder / "domain.toml"), sentence, "Change language where that is wrong."))
    write_settings(folder, files, language)


def _nothing(source: Path, outcome: Outcome) -> TriviumError:
    if outcome.left_out:
        first = outcome.left_out[0]
        return TriviumError(f"{first.place}: {first.sentence.removeprefix('left out: ')}. Nothing was imported.")
    reasons = "; ".join(f"{name}: {reason}" for name, reason in list(outcome.skipped.items())[:3])
    return TriviumError(f"{source}: there is nothing to import here{f' ({reasons})' if reasons else ''}.")


def _texts(folder: Path) -> dict[str, str]:
    """Documents that the domain has, by their ids; the text of those that are text."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            plain = path.suffix.lower() in (".md", ".txt")
            found[path.relative_to(folder).as_posix()] = path.read_text("utf-8", errors="replace") if plain else ""
    return found


def _own_rows(path: Path) -> list[dict[str, Any]]:
    """The questions that the domain has, as they stand there. Raises TriviumError where a line is no question."""
    rows = []
    for line in jsonl.lines(path) if path.exists() else ():
        line.model(Question)
        rows.append(line.value())
    return rows


def _write_questions(
    path: Path, old: list[dict[str, Any]], new: list[dict[str, Any]], outcome: Outcome, files: Together
) -> None:
    """Add to the questions of the domain. Where none of all is of split test, those of dev are asked."""
    dev = [row for row in new if row.get("split") == "dev"]
    if dev and all(row.get("split", "test") != "test" for row in (*old, *new)):
        for row in dev:
            row["split"] = "test"
        sentence = f"no question is of split test, so the {len(dev)} of split dev are asked"
        outcome.notes.append(note(str(path), sentence))
    for row in new:
        Question.model_validate(row)
    outcome.questions = len(new)
    if new:
        files.write_text(path, jsonl.text_of((*old, *new)))


def _drafted_ids(folder: Path) -> set[str]:
    """Ids that drafts and training wordings have."""
    names = ("training.jsonl", "drafts.jsonl")
    return {
        str(row.get(key)) for name in names for row in jsonl.read_objects(folder / name) for key in ("id", "fact_id")
    }
