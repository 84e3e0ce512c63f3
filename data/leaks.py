"""Find test wordings that training has seen: equal, equal but for names and values, or nearly equal."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

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


NEAR = 0.8  # share of all words of two wordings that both have (Jaccard), from which on they are near-duplicates


def near_pairs(left: Sequence[str], right: Sequence[str], share: float = NEAR) -> dict[int, int]:
    """For each wording of `right` the place of a wording of `left` with at least this share of words in common.

    Exact, by prefix filtering (Bayardo et al. 2007): two sets that are that similar share one of the rarest few words
    of each, so only those are looked up.
    """
    sets = [[frozenset(normalised(text).split()) for text in side] for side in (left, right)]
    count = Counter(word for side in sets for words in side for word in words)

    def rarest(words: frozenset[str]) -> list[str]:
        return sorted(words, key=lambda word: (count[word], word))[: len(words) - ceil(share * len(words)) + 1]

    index: dict[str, list[int]] = {}
    for place, words in enumerate(sets[0]):
        for word in rarest(words) if words else ():
            index.setdefault(word, []).append(place)
    found: dict[int, int] = {}
    for place, words in enumerate(sets[1]):
        candidates = (other for word in rarest(words) if words for other in index.get(word, ()))
        match = next((o for o in candidates if len(words & sets[0][o]) >= share * len(words | sets[0][o])), None)
        if match is not None:
            found[place] = match
    return found


@dataclass(frozen=True)
class Leak:
    """A test wording that training has seen."""

    test_id: str
    train_id: str
    kind: str  # "exact"; "masked": equal but for names and values; "near": most words, and the same answer


def _key(question: Question) -> str:
    """Wordings are compared within one key: those with the same answer."""
    return normalised(question.answers[0]) if question.answers else ""


def _near_leaks(train: Sequence[Question], test: Sequence[Question]) -> dict[str, str]:
    """Test ids and the training ids that nearly equal them."""
    by_answer: dict[str, tuple[list[Question], list[Question]]] = {}
    for side, questions in enumerate((train, test)):
        for question in questions:
            by_answer.setdefault(_key(question), ([], []))[side].append(question)
    found: dict[str, str] = {}
    for trained, tested in by_answer.values():
        pairs = near_pairs([q.question for q in trained], [q.question for q in tested]) if trained and tested else {}
        found |= {tested[place].id: trained[other].id for place, other in pairs.items()}
    return found


def find_leaks(train: Sequence[Question], test: Sequence[Question], documents: Iterable[Document]) -> list[Leak]:
    """Every test question whose wording training has seen (one leak a question, the plainest kind)."""
    if not train:
        return []
    names = entity_names(documents)
    exact = {normalised(question.question): question.id for question in reversed(train)}
    hidden = {masked(question.question, names): question.id for question in reversed(train)}
    near = _near_leaks(train, test)
    leaks = []
    for question in test:
        if source := exact.get(normalised(question.question)):
            leaks.append(Leak(question.id, source, "exact"))
        elif source := hidden.get(masked(question.question, names)):
            leaks.append(Leak(question.id, source, "masked"))
        elif source := near.get(question.id):
            leaks.append(Leak(question.id, source, "near"))
    return leaks
