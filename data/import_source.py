"""Make a domain, or add to one, from whatever lies in a folder or file: documents, questions, or both."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import jsonl
from data.documents import files_below, why_not_inside
from data.errors import TriviumError
from data.files import Together, together, write_text
from data.import_documents import TABLES, Imported, file_name, import_documents, write_document
from data.import_questions import Material, read_material
from data.progress import Progress
from data.prompt import INSTRUCTION

QUESTION_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json")
DOCUMENT_LINES = "documents.jsonl"


@dataclass
class Outcome:
    """What an import did: ids of documents, number of questions, and what was skipped or changed (name: reason)."""

    documents: list[str] = field(default_factory=list)
    questions: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def _question_files(source: Path) -> list[Path]:
    found = [path for path, _ in files_below(source)] if source.is_dir() else [source]
    base = source if source.is_dir() else source.parent
    return [path for path in found if path.suffix.lower() in QUESTION_SUFFIXES and not why_not_inside(path, base)]


def _resolved(name: str, known: Iterable[str]) -> str | None:
    """The document that a question means: by its path, its name before the import, or its name without the ending."""
    known = set(known)
    for candidate in (name, f"{name}.md", f"{name}.txt", "/".join(file_name(part) for part in name.split("/"))):
        if candidate in known:
            return candidate
    same = [other for other in known if re.sub(r"\.\w+(\.md)?$", "", other) == re.sub(r"\.\w+$", "", name)]
    return same[0] if len(same) == 1 else None


def _with_questions(path: Path, rows: list[dict[str, Any]]) -> str:
    """The questions of a domain and these; an id that is taken there gets a number."""
    old = jsonl.read(path)
    ids = {row["id"] for row in old}
    for row in rows:
        stem, number = row["id"], 2
        while row["id"] in ids:
            row["id"], number = f"{stem}-{number}", number + 1
        ids.add(row["id"])
    return jsonl.text_of((*old, *rows))


def _check_target(source: Path, folder: Path) -> None:
    if source.resolve() in (folder.resolve(), (folder / "documents").resolve()):
        raise TriviumError(
            f"{source}: this is the domain itself. Name another source, or another folder to import into."
        )
    if folder.exists() and not folder.is_dir():
        raise TriviumError(f"{folder}: this is a file. Name a folder for the domain.")
    if (folder / "questions.csv").exists():
        raise TriviumError(f"{folder}: its questions.csv would be hidden by a new questions.jsonl. Name a new folder.")


def write_settings(folder: Path) -> None:
    """A domain.toml for a domain that has none."""
    path = folder / "domain.toml"
    if not path.exists():
        name = json.dumps(folder.resolve().name, ensure_ascii=False)
        write_text(path, f"name = {name}\ninstruction = {json.dumps(INSTRUCTION)}\n")


def _documents(source: Path, folder: Path, progress: Progress, files: Together, tables: Collection[Path]) -> Imported:
    if source.is_file() and source.suffix.lower() in QUESTION_SUFFIXES and source not in tables:
        return Imported()
    if (source / DOCUMENT_LINES).exists():  # then what lies beside it is about the data, not of it
        return Imported()
    return import_documents(source, folder, progress, files, tables)


def _materials(source: Path, outcome: Outcome, tables: list[Path]) -> list[Material]:
    """Everything that question files bring; tables without any are collected in `tables`, other files stay skipped."""
    base, materials = (source if source.is_dir() else source.parent), []
    files = _question_files(source)
    main = {path.parent: path.name for path in files if path.stem == "questions"}
    for path in files:
        name = path.relative_to(base).as_posix()
        if path.name not in (DOCUMENT_LINES, main.get(path.parent, path.name)):
            outcome.skipped[name] = f"{main[path.parent]} was taken; import this file by itself to add it"
            continue
        beside = path.parent / DOCUMENT_LINES
        if path.name == DOCUMENT_LINES:
            outcome.skipped.pop(name, None)
            continue
        material = read_material(path, beside if beside.exists() and path.suffix == ".jsonl" else None)
        if material is None:
            outcome.skipped[name] = "no questions in a form that is read (docs/domain.md lists them)"
            if path.suffix.lower() in TABLES:
                tables.append(path)
        else:
            outcome.skipped.pop(name, None)
            materials.append(material)
    return materials


def import_source(source: Path, folder: Path, progress: Progress) -> Outcome:
    """Import documents and questions from `source` into the domain folder: all that could be read, or nothing.

    Raises:
        TriviumError: there is nothing to import, or a question file is broken.
    """
    with together() as files:
        return _import_source(source, folder, progress, files)


def _import_source(source: Path, folder: Path, progress: Progress, files: Together) -> Outcome:
    if not source.exists():
        raise TriviumError(f"{source}: no such file or folder.")
    _check_target(source, folder)
    progress("looking for documents and questions")
    outcome = Outcome()
    tables: list[Path] = []
    materials = _materials(source, outcome, tables)
    read = _documents(source, folder / "documents", progress, files, tables)
    outcome.documents = list(read.documents)
    as_tables = [name for name in read.names if Path(name).suffix.lower() in TABLES]
    outcome.notes += [f"{name}: no questions in it; read as a document (a table)" for name in as_tables] + read.notes
    named = {name: reason for name, reason in outcome.skipped.items() if name not in read.names}
    outcome.skipped = {n: r for n, r in read.skipped.items() if Path(n).suffix.lower() not in QUESTION_SUFFIXES} | named
    for material in materials:
        for name, text in material.documents.items():
            write_document(files, folder / "documents", name, text.strip() + "\n")
        outcome.documents += [name for name in material.documents if name not in outcome.documents]
        outcome.notes += material.notes
    known = _known_documents(folder / "documents") | set(outcome.documents)
    rows = [row for material in materials for row in material.questions]
    outcome.notes += _point_to_documents(rows, known, read.names)
    if not outcome.documents and not rows:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in list(outcome.skipped.items())[:3])
        raise TriviumError(f"{source}: there is nothing to import here{f' ({reasons})' if reasons else ''}.")
    folder.mkdir(parents=True, exist_ok=True)
    if rows:
        files.write_text(folder / "questions.jsonl", _with_questions(folder / "questions.jsonl", rows))
    outcome.questions = len(rows)
    write_settings(folder)
    return outcome


def _known_documents(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix() for path in files}


def _point_to_documents(rows: list[dict[str, Any]], known: set[str], taken: Mapping[str, str]) -> list[str]:
    """Let questions name documents as the domain does, `taken` by their names before the import; returns a note for
    each name that leads nowhere."""
    notes = []
    for row in rows:
        names = {
            name: taken.get(name) or (name if name in known else _resolved(name, known))
            for name in row.get("document_ids", ())
        }
        notes += [
            f"question {row['id']}: there is no document '{name}'; the name was left out"
            for name, found in names.items()
            if not found
        ]
        if names:
            row["document_ids"] = [found for found in names.values() if found]
    return notes
