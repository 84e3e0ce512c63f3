"""Questions of one file in any form, with the documents that come with them: the one reader of the product."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from data.findings import counted, note, warning
from data.names import resolved
from data.questions.cells import Context, contexts, is_missing, text_of, texts
from data.questions.columns import Roles, roles_of
from data.questions.documents import Beside, Holders, place_contexts
from data.questions.numbering import free_id, keys_of
from data.questions.question import Kept, question_of
from data.questions.records import asks, flat
from data.questions.shapes import json_lines, read_json
from data.questions.source import Material, Row, read_source
from data.questions.tables import read_table, table_asks

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
_LINES = (".jsonl", ".ndjson")
Known = Mapping[str, str] | None  # documents of a domain
_NAME = 300  # characters; what is longer in a column of documents is their text


def _rows(path: Path, material: Material) -> Iterator[Row] | None:
    text, suffix = read_source(path, material), path.suffix.lower()
    if suffix == ".json":
        return read_json(path, text, material)
    return json_lines(path, text) if suffix in _LINES else read_table(path, text, material)


def _flat_rows(path: Path, rows: Iterable[Row], material: Material) -> list[Row]:
    """Rows as flat fields; those of no known kind are left out by name."""
    found = []
    for row in rows:
        if not isinstance(row.fields, Mapping):
            material.leave_out(path, row.place, "a question must be an object with named fields")
            continue
        try:
            found.append(Row(row.number, row.place, flat(row.fields)))
        except ValueError as error:
            material.leave_out(path, row.place, error)
    return found


def _names_and_contexts(fields: Mapping[str, Any], roles: Roles) -> tuple[list[str], list[Context]]:
    """Names of a row's documents, and its contexts. A column of documents may hold their texts instead."""
    named = fields.get(roles.documents) if roles.documents else None
    found = contexts(fields.get(roles.contexts)) if roles.contexts else []
    names = texts(named)
    if any(len(name) > _NAME or "\n" in name for name in names):
        return [], found or contexts(named)
    title = fields.get("title")
    if isinstance(title, str) and not is_missing(title) and len(found) == 1 and not found[0].title:
        found = [Context(found[0].text, text_of(title))]
    return names, found


class _Reading:
    """What rows of one file share while they become questions."""

    def __init__(
        self, path: Path, roles: Roles, material: Material, beside: Beside | None, known: Known,
        renamed: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.path, self.roles, self.material, self.beside, self.known = path, roles, material, beside, known
        self.renamed = renamed
        self.holders = Holders({**(known or {}), **material.documents})
        self.kept, self.empty, self.ids = Kept(), 0, set[str]()
        self.seen: dict[tuple[str, str, str], str] = {}

    def take(self, row: Row) -> None:
        """Add the question of a row, or name why it is left out."""
        try:
            question = question_of(row.fields, self.roles, row.number, self.kept)
            names, found = _names_and_contexts(row.fields, self.roles)
        except ValueError as error:
            return self.material.leave_out(self.path, row.place, error)
        if twin := next((self.seen[key] for key in keys_of(question) if key in self.seen), ""):
            return self.material.doubles.append(
                warning(f"{self.path}, {row.place}", f"left out: the same as {twin}", "Delete one of them.")
            )
        if question["id"] in self.ids:
            question["id"] = free_id(f"{question['id']}-{row.number}", self.ids)
        self._point(question, row, names, found)
        self.ids.add(question["id"])
        self.seen |= dict.fromkeys(keys_of(question), question["id"])
        self.empty += not question["answers"]
        self.material.questions.append(question)
        return None

    def _point(self, question: dict[str, Any], row: Row, names: list[str], found: list[Context]) -> None:
        """Documents and evidence: by the names that the row gives, else by its contexts."""
        meta = question.get("meta", {})
        if self.beside:
            names = [self.beside.names.get(name, name) for name in names]
            question["evidence"] = question.get("evidence") or self.beside.quotes(
                meta.get("spans"), self.material.documents
            )
        documents = self._resolved(question, row, names)
        if found and not documents and self.known is not None:
            documents, quotes = place_contexts(_needed(found, row.fields), self.holders, self.material)
            place_contexts(found, self.holders, self.material)  # those that only distract
            question["evidence"] = question.get("evidence") or quotes
        if len(documents) > 1 and _hops(meta) > 1:
            question["category"] = "multi_hop"
        question["document_ids"] = documents
        for name in ("document_ids", "evidence"):
            if not question.get(name):
                question.pop(name, None)

    def _resolved(self, question: dict[str, Any], row: Row, names: list[str]) -> list[str]:
        """Names as the domain has them; one that leads nowhere is told, unless the caller looks itself."""
        if self.known is None:
            return list(dict.fromkeys(names))
        there = {*self.known, *self.material.documents}
        found = {name: self.renamed.get(name) or resolved(name, there) for name in names}
        for name in (name for name, to in found.items() if not to):
            sentence = f"question {question['id']}: there is no document '{name}'; the name was left out"
            self.material.notes.append(note(f"{self.path}, {row.place}", sentence))
        return list(dict.fromkeys(name for name in found.values() if name))


def _needed(found: list[Context], fields: Mapping[str, Any]) -> list[Context]:
    """Of contexts that come with others which only distract, those that the answer needs."""
    titles = fields.get("needed_titles")
    return [context for context in found if context.title in titles] if titles else found


def _hops(meta: Mapping[str, Any]) -> int:
    hops = meta.get("hops", 1)
    return hops if isinstance(hops, int) else 1


def holds_questions(path: Path) -> bool:
    """Whether a table has a column of questions."""
    material = Material()
    return table_asks(read_source(path, material))


def read_material(
    path: Path, beside: Path | None = None, known: Known = None, renamed: Mapping[str, str] | None = None
) -> Material | None:
    """Questions, and the documents that come with them, of one file; None where it holds no questions.

    Args:
        beside: a documents.jsonl to which the questions point.
        known: documents of the domain (id: text), to which names are led and in which contexts may stand. None: names
            stay as they are and contexts are not read.
        renamed: names that documents had before they were imported, and those they have now.

    Raises:
        TriviumError: the file cannot be read; names file and line.
    """
    material = Material()
    documents = read_documents_beside(beside, material) if beside else None
    found = _rows(path, material)
    rows = list(found) if found is not None else []
    if not material.left_out and not any(asks(row.fields) for row in rows):
        return None
    flat_rows = _flat_rows(path, rows, material)
    roles = roles_of(name for row in flat_rows for name in row.fields)
    reading = _Reading(path, roles, material, documents, known, renamed or {})
    for row in flat_rows:
        reading.take(row)
    for sentence in roles.sentences():
        material.say(path, sentence)
    material.notes += reading.kept.findings(str(path))
    if reading.empty:
        material.say(path, f"{counted(reading.empty, 'question')} without an answer, counted as unanswerable")
    return material


def read_documents_beside(path: Path, material: Material) -> Beside:
    """The documents of a documents.jsonl, taken into the material.

    Raises:
        TriviumError: a line of it is no JSON.
    """
    return Beside(path, json_lines(path, read_source(path, material)), material)
