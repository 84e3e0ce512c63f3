"""Read questions in the forms that people have: CSV, JSON Lines, SQuAD JSON, the columns of RAG evaluations."""

import ast
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.import_documents import file_name
from data.leaks import normalised
from data.sentences import sentence_around

QUESTION = ("question", "user_input", "query")
ANSWER = ("answers", "answer", "reference", "ground_truth", "ground_truths", "expected_output", "reference_answer")
CONTEXTS = ("reference_contexts", "contexts", "context")
DOCUMENTS = ("document_ids", "document_id", "documents")


@dataclass
class Material:
    """Documents (name: text) and questions (rows in the domain's form) from one source, and what was left out."""

    documents: dict[str, str] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _listed(value: Any) -> list[str]:
    """A list of texts from a list, from a list written as text, or from forms separated by ' | '."""
    if value is None:
        return []
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("[") and text.endswith("]"):
            for parse in (json.loads, ast.literal_eval):
                try:
                    return _listed(parse(text))
                except (ValueError, SyntaxError):
                    continue
        return [part.strip() for part in text.split(" | ") if part.strip()]
    if isinstance(value, Mapping):  # {"text": [...], "answer_start": [...]} as on dataset hubs
        return _listed(value.get("text"))
    if isinstance(value, Iterable):
        return [str(part["text"] if isinstance(part, Mapping) else part).strip() for part in value if part]
    return [str(value)]


def _first(row: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((name for name in names if name in row), None)


def _title_first(title: str, text: str) -> str:
    """The text under its title, unless it begins with it already."""
    text = text.strip()
    return text if not title or text.partition("\n")[0].strip() == title.strip() else f"{title}\n\n{text}"


def _quotes(row: Mapping[str, Any], documents: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """The sentences around the spans that a question names, where they stand in one of its documents."""
    quotes = []
    for span in (row.get("meta") or {}).get("spans") or ():
        document = documents.get(names.get(span["document_id"], ""), "")
        original = row.get("span_texts", {}).get(span["document_id"], "")
        text = original[span["start"] : span["end"]]
        body = max(0, document.find(original.strip()))  # what comes before it is the title
        if text and (at := document.find(text, body)) >= 0:
            quotes.append(sentence_around(document, at, at + len(text)))
    return list(dict.fromkeys(quotes))


def _is_multi_hop(row: Mapping[str, Any], documents: list[str]) -> bool:
    return len(documents) > 1 and int((row.get("meta") or {}).get("hops", 1)) > 1


def _converted(row: Mapping[str, Any], number: int, material: Material, names: Mapping[str, str]) -> dict[str, Any]:
    """One row of any form as a question of a domain."""
    asked, given = _first(row, QUESTION), _first(row, ANSWER)
    if asked is None or not str(row[asked] or "").strip():
        raise ValueError(f"there is no question in it (looked for {', '.join(QUESTION)})")
    if given is None and row.get("answerable", True) is not False:
        raise ValueError(f"there is no answer in it (looked for {', '.join(ANSWER)})")
    answerable = row.get("answerable", True) is not False and not row.get("is_impossible", False)
    named = _listed(row.get(_first(row, DOCUMENTS) or ""))
    contexts = _listed(row.get(_first(row, CONTEXTS) or "")) if not isinstance(row.get("context"), Mapping) else []
    documents = list(dict.fromkeys(names.get(name, name) for name in named))
    evidence = _listed(row.get("evidence")) or _quotes(row, material.documents, names)
    if contexts and not documents:
        documents, evidence = _from_contexts(contexts, material)
    question: dict[str, Any] = {
        "id": str(row.get("id") or f"q{number:05d}"),
        "question": " ".join(str(row[asked]).split()),
        "answers": _listed(row[given]) if given and answerable else [],
        "document_ids": documents,
        "evidence": evidence,
    }
    question |= {key: row[key] for key in ("fact_id", "category", "split", "distractors") if row.get(key)}
    if _is_multi_hop(row, documents):
        question["category"] = "multi_hop"
    return {key: value for key, value in question.items() if value or key == "answers"}


def _from_contexts(contexts: list[str], material: Material) -> tuple[list[str], list[str]]:
    """Documents in which the contexts stand; a context that stands in none becomes a document itself."""
    documents, evidence = [], []
    for context in contexts:
        holder = next((name for name, text in material.documents.items() if context in text), None)
        if holder is None:
            holder = f"context-{len(material.documents) + 1:04d}.txt"
            material.documents[holder] = context
        documents.append(holder)
        evidence.append(context)
    return documents, evidence


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    for line in jsonl.lines(path):
        yield line.number, line.value()


def _table(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8-sig", newline="") as file:
        sample = file.read(4096)
        file.seek(0)
        try:
            dialect: Any = csv.Sniffer().sniff(sample.partition("\n")[0], ",;\t")
        except csv.Error:
            dialect = csv.excel
        reader = csv.DictReader(file, dialect=dialect)
        try:
            for row in reader:
                yield reader.line_num, {(name or "").strip().lower(): value for name, value in row.items()}
        except csv.Error as error:
            raise TriviumError(f"{path}, line {reader.line_num}: not a readable table ({error}).") from error


def _squad(content: Mapping[str, Any], material: Material) -> Iterator[tuple[int, dict[str, Any]]]:
    """SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018): one document an article, the answer's sentence as evidence."""
    number = 0
    for article in content["data"]:
        title = str(article.get("title", "article")).replace("_", " ")
        name = _free_name(f"{file_name(title)}.txt", material.documents)
        paragraphs = [str(paragraph["context"]).strip() for paragraph in article["paragraphs"]]
        material.documents[name] = _title_first(title, "\n\n".join(paragraphs))
        for paragraph in article["paragraphs"]:
            text = str(paragraph["context"])
            for asked in paragraph["qas"]:
                number += 1
                spans = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in asked.get("answers", [])]
                quotes = dict.fromkeys(sentence_around(text, *span) for span in spans)
                row = {"id": asked["id"], "question": asked["question"], "evidence": list(quotes)[:1]}
                row["answers"] = list(dict.fromkeys(answer["text"] for answer in asked.get("answers", [])))
                row |= {"is_impossible": asked.get("is_impossible", False), "document_ids": [name]}
                yield number, row


def _free_name(name: str, taken: Iterable[str]) -> str:
    stem, _, suffix = name.rpartition(".")
    names, number = set(taken), 2
    while name in names:
        name, number = f"{stem}-{number}.{suffix}", number + 1
    return name


def _add_questions(rows: Iterable[tuple[int, Any]], path: Path, material: Material, names: Mapping[str, str]) -> None:
    """Convert rows; leave out, with a note, those that ask what another asks and expect the same."""
    seen: dict[tuple[str, str], str] = {}
    ids = {question["id"] for question in material.questions}
    for number, row in rows:
        if not isinstance(row, Mapping):
            raise TriviumError(f"{path}, line {number}: a question must be an object with named fields.")
        try:
            question = _converted(row, number, material, names)
        except ValueError as error:
            raise TriviumError(f"{path}, line {number}: {error}.") from error
        keys = [(normalised(question["question"]), normalised(answer)) for answer in question["answers"] or [""]]
        if twin := next((seen[key] for key in keys if key in seen), ""):
            material.notes.append(f"{path.name}, line {number}: left out, the same as {twin}")
            continue
        if question["id"] in ids:
            question["id"] = f"{question['id']}-{number}"
        seen |= dict.fromkeys(keys, question["id"])
        ids.add(question["id"])
        material.questions.append(question)


def _is_question_row(row: Any) -> bool:
    return isinstance(row, Mapping) and _first(row, QUESTION) is not None


def _add_documents(path: Path, material: Material) -> tuple[dict[str, str], dict[str, str]]:
    """Documents of a documents.jsonl; returns their names and their texts by the ids that they had."""
    names, texts = {}, {}
    for number, row in _json_lines(path):
        if not isinstance(row, Mapping) or not {"id", "text"} <= row.keys():
            raise TriviumError(f"{path}, line {number}: a document needs id and text.")
        if not str(row["text"]).strip():
            material.notes.append(f"{path.name}, line {number}: left out, the document is empty")
            continue
        name = _free_name(f"{file_name(str(row['id']))}.txt", material.documents)
        names[str(row["id"])], texts[str(row["id"])] = name, str(row["text"])
        material.documents[name] = _title_first(str(row.get("title") or ""), str(row["text"]))
    return names, texts


def read_material(path: Path, beside: Path | None = None) -> Material | None:
    """Questions, and the documents that come with them, of one file; None where it holds no questions.

    Args:
        beside: a documents.jsonl to which the questions point.

    Raises:
        TriviumError: it is one of the forms and a line of it is broken; names file and line.
    """
    material = Material()
    names, texts = _add_documents(beside, material) if beside else ({}, {})
    rows: Iterable[tuple[int, Any]]
    try:
        if path.suffix == ".json":
            content = json.loads(path.read_text(encoding="utf-8-sig"))
            if isinstance(content, Mapping) and isinstance(content.get("data"), list):
                rows = _squad(content, material)
            elif isinstance(content, list) and content and _is_question_row(content[0]):
                rows = list(enumerate(content, 1))
            else:
                return None
        else:
            rows = list(_json_lines(path) if path.suffix == ".jsonl" else _table(path))
            if not rows or not _is_question_row(rows[0][1]):
                return None
        if texts:
            rows = [(n, {**row, "span_texts": texts} if isinstance(row, Mapping) else row) for n, row in rows]
        _add_questions(rows, path, material, names)
    except json.JSONDecodeError as error:
        raise TriviumError(f"{path}, line {error.lineno}: not valid JSON ({error.msg}).") from error
    except UnicodeDecodeError as error:
        raise TriviumError(f"{path}: not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise TriviumError(f"{path}: it looks like SQuAD, but a part of it is missing ({error}).") from error
    return material
