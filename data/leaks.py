"""Find test wordings that training has seen: equal, equal but for names and values, or nearly equal."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from data.language import UNSPACED
from data.schema import Document, Question

# A capitalised word inside a sentence: behind a word, a comma or a bracket of the same line.
_NAME = r"(?<=[\w,;)&%’'] )(?:[A-ZÀ-ÖØ-Þ][\w&'’-]*)"
_VALUE = rf"(?:[^\W{UNSPACED}]|[.-])*\d(?:[^\W{UNSPACED}]|[.-])*"
_NAME_OR_VALUE, _ONLY_VALUE = re.compile(f"{_NAME}|{_VALUE}"), re.compile(_VALUE)
_INSIDE = re.compile(r"(?<=[\w,;] )[^\W\d_]\w+")
_CAPITALISES = 0.25  # share of capitals among words inside sentences from which on a language writes nouns with them
_WORD = re.compile(rf"[{UNSPACED}]|(?:[^\W{UNSPACED}]|')+")
_SPACED_WORD = re.compile(r"[\w']+")  # the same, faster, where no other script is


def normalised(text: str) -> str:
    """Lower case, words only, single spaces; a letter of a script without spaces is a word."""
    return " ".join((_SPACED_WORD if text.isascii() else _WORD).findall(text.lower()))


def entity_names(documents: Iterable[Document]) -> frozenset[str]:
    """Words that the documents write with a capital inside sentences, and never without, in lower case: what a mask
    hides in any position."""
    names: set[str] = set()
    plain: set[str] = set()
    for document in documents:
        names |= {word.lower() for word in _NAME_OR_VALUE.findall(document.text) if len(word) > 2}
        plain |= {word for word in _WORD.findall(document.text) if word[0].islower()}
    return frozenset(names - plain)


def writes_nouns_with_capitals(texts: Iterable[str]) -> bool:
    """Whether capitals say nothing of names, as in German."""
    inside = [word[0].isupper() for text in texts for word in _INSIDE.findall(text[:5_000])]
    return len(inside) > 20 and sum(inside) > _CAPITALISES * len(inside)


def masked(text: str, names: frozenset[str] = frozenset(), capitals: bool = True) -> str:
    """The wording with every name and value replaced by one underscore; neighbours fall together.

    Args:
        capitals: whether a capital inside the wording makes a name.

    >>> masked("When was the Kittewan built by Halloran & Pryce?")
    'when was the _ built by _'
    """
    hidden = (_NAME_OR_VALUE if capitals else _ONLY_VALUE).sub(" _ ", text).replace("&", " ")
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
    documents = list(documents)
    capitals = not writes_nouns_with_capitals([d.text for d in documents[:300]] + [q.question for q in train[:300]])
    names = entity_names(documents) if capitals else frozenset()
    exact = {normalised(question.question): question.id for question in reversed(train)}
    hidden = {masked(question.question, names, capitals): question.id for question in reversed(train)}
    near = _near_leaks(train, test)
    leaks = []
    for question in test:
        if source := exact.get(normalised(question.question)):
            leaks.append(Leak(question.id, source, "exact"))
        elif source := hidden.get(masked(question.question, names, capitals)):
            leaks.append(Leak(question.id, source, "masked"))
        elif source := near.get(question.id):
            leaks.append(Leak(question.id, source, "near"))
    return leaks
