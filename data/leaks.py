"""Find test wordings that training has seen, also when names and values are masked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from data.schema import Document, Question

_NAME_OR_VALUE = re.compile(r"(?<!^)(?<![.!?:\"] )\b[A-Z][\w&'-]*|\b[\w.-]*\d[\w.-]*", re.UNICODE)
_WORD = re.compile(r"[\w']+")


def normalised(text: str) -> str:
    """Lower case, words only, single spaces."""
    return " ".join(_WORD.findall(text.lower()))


def entity_names(documents: Iterable[Document]) -> frozenset[str]:
    """Capitalised words inside the sentences of the documents, in lower case: what a mask hides in any position."""
    return frozenset(
        word.lower() for document in documents for word in _NAME_OR_VALUE.findall(document.text) if len(word) > 2
    )


def masked(text: str, names: frozenset[str] = frozenset()) -> str:
    """The wording with every name and value replaced by one underscore; neighbours fall together.

    >>> masked("When was the Kittewan built by Halloran & Pryce?")
    'when was the _ built by _'
    """
    hidden = _NAME_OR_VALUE.sub(" _ ", text).replace("&", " ")
    words = ["_" if word in names else word for word in _WORD.findall(hidden.lower())]
    return re.sub(r"_( _)+", "_", " ".join(words))


@dataclass(frozen=True)
class Leak:
    """A test wording that equals a training wording."""

    test_id: str
    train_id: str
    kind: str  # "exact", or "masked": equal but for names and values


def find_leaks(train: Iterable[Question], test: Iterable[Question], documents: Iterable[Document]) -> list[Leak]:
    """Every test question whose wording equals a training wording, exactly or masked (one leak a question)."""
    names = entity_names(documents)
    exact: dict[str, str] = {}
    hidden: dict[str, str] = {}
    for question in train:
        exact.setdefault(normalised(question.question), question.id)
        hidden.setdefault(masked(question.question, names), question.id)
    leaks = []
    for question in test:
        if source := exact.get(normalised(question.question)):
            leaks.append(Leak(question.id, source, "exact"))
        elif source := hidden.get(masked(question.question, names)):
            leaks.append(Leak(question.id, source, "masked"))
    return leaks
