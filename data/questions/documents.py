"""Documents that come with questions: as contexts of their rows, or in a documents.jsonl beside them."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.import_documents import file_name
from data.questions.cells import Context, identifier
from data.questions.source import Material, Row
from data.sentences import sentence_around
from data.text_cleaning import clean_text

_WORD = re.compile(r"\w+")


def title_first(title: str, text: str) -> str:
    """The text under its title, unless it begins with it already."""
    text = text.strip()
    return text if not title or text.partition("\n")[0].strip() == title.strip() else f"{title}\n\n{text}"


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, with a number where it is taken; names that differ in case alone are one on many systems."""
    stem, _, suffix = name.rpartition(".")
    names, number = {other.lower() for other in taken}, 2
    while name.lower() in names:
        name, number = f"{stem}-{number}.{suffix}", number + 1
    return name


class Holders:
    """Finds the document in which a context stands, by the longest word of the context."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._texts = dict(documents)
        self._places: dict[str, list[str]] = {}
        self._looked_up = False

    def add(self, name: str, text: str) -> None:
        self._texts[name] = text
        for word in set(_WORD.findall(text)):
            self._places.setdefault(word, []).append(name)

    def names(self) -> Iterable[str]:
        return self._texts

    def find(self, text: str) -> str | None:
        """The name of a document that holds the text word for word."""
        if not self._looked_up:  # most files of questions bring no contexts
            self._looked_up = True
            for name, content in list(self._texts.items()):
                self.add(name, content)
        words = set(_WORD.findall(text)[1:-1]) or set(_WORD.findall(text))  # the outer ones may be parts of words
        among = min((self._places.get(word, []) for word in words), key=len, default=[])
        return next((name for name in among if text in self._texts[name]), None)


def place_contexts(contexts: Iterable[Context], holders: Holders, material: Material) -> tuple[list[str], list[str]]:
    """Names of the documents in which contexts stand, and the contexts as evidence; one that stands nowhere becomes a
    document."""
    names, evidence = [], []
    for context in contexts:
        name = holders.find(context.text)
        if name is None:
            stem = file_name(context.title) if context.title else f"context-{len(material.documents) + 1:04d}"
            name = free_name(f"{stem}.txt", holders.names())
            material.documents[name] = title_first(context.title, context.text)
            holders.add(name, material.documents[name])
        names.append(name)
        evidence.append(context.text)
    return list(dict.fromkeys(names)), list(dict.fromkeys(evidence))


class Beside:
    """A documents.jsonl: the names that its documents have now, and their texts, by the ids that they had."""

    def __init__(self, path: Path, rows: Iterable[Row], material: Material) -> None:
        self.names: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        for row in rows:
            fields = row.fields if isinstance(row.fields, Mapping) else {}
            identity, text = identifier(fields.get("id")), fields.get("text")
            if not identity or not isinstance(text, str) or not text.strip():
                material.leave_out(path, row.place, "a document needs an id and a text")
            elif identity in self.names:
                material.leave_out(path, row.place, f"the id '{identity}' is that of a document before it")
            else:
                self._add(identity, text, str(fields.get("title") or ""), material)

    def _add(self, identity: str, text: str, title: str, material: Material) -> None:
        name = free_name(f"{file_name(identity)}.txt", material.documents)
        self.names[identity], self.texts[identity] = name, text
        material.documents[name] = title_first(clean_text(title).strip(), clean_text(text))

    def quotes(self, spans: object, documents: Mapping[str, str]) -> list[str]:
        """The sentences around spans [{document_id, start, end}], where they stand in one of the documents."""
        found = []
        for span in spans if isinstance(spans, list) else ():
            if not isinstance(span, Mapping) or not {"document_id", "start", "end"} <= span.keys():
                continue
            identity, start, end = identifier(span["document_id"]), span["start"], span["end"]
            if not isinstance(start, int) or not isinstance(end, int):
                continue
            document, text = documents.get(self.names.get(identity, ""), ""), self.texts.get(identity, "")
            quote = clean_text(text[max(0, start) : max(0, end)])
            body = max(0, document.find(clean_text(text).strip()))  # what comes before it is the title
            if quote and (at := document.find(quote, body)) >= 0:
                found.append(sentence_around(document, at, at + len(quote)))
        return list(dict.fromkeys(found))
