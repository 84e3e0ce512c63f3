"""Documents that are added to a domain, made by seed: about other things, or about similar ones with other names."""

import random
import re
from collections.abc import Iterator, Sequence

from data.schema import Document

OTHER, SIMILAR = "other", "similar"
_WORD, _DIGITS = re.compile(r"[^\W\d_]{4,}"), re.compile(r"\d+")
_LONGEST = 450  # characters: one passage
_SYLLABLES = (
    "ba",
    "den",
    "fir",
    "gol",
    "hum",
    "kes",
    "lin",
    "mor",
    "nae",
    "pol",
    "rin",
    "sav",
    "tor",
    "ul",
    "ven",
    "wyk",
)
_THINGS = (
    "lamp",
    "kettle",
    "clock",
    "saddle",
    "violin",
    "loom",
    "lens",
    "anvil",
    "mirror",
    "barometer",
    "quilt",
    "chess set",
)
_STUFF = ("oak", "brass", "walnut", "pewter", "linen", "slate", "copper", "birch")
_SENTENCES = (
    "The {thing} of {name} was made of {stuff} in {year}.",
    "{name} sold {number} of them before the workshop in {place} closed.",
    "It weighs {number} grams and is kept in room {small} of the collection.",
    "A second {thing}, made by {other}, was lent to {place} for {small} years.",
    "Visitors may handle it on the first {day} of each month.",
    "The catalogue lists its {stuff} parts under number {number}.",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Thursday", "Saturday")


def added(kind: str, many: int, documents: Sequence[Document], seed: int) -> Iterator[Document]:
    """So many documents of a kind, the first of more being those of fewer."""
    names = _names_in(documents)
    for number in range(many):
        draw = random.Random(f"{kind} {seed} {number}")
        if kind == SIMILAR:
            source = documents[number % len(documents)]
            title, text = _renamed(source, names, draw)
        else:
            title, text = _catalogued(draw)
        yield Document(id=f"added/{kind}-{number}.txt", title=title, text=text)


def _catalogued(draw: random.Random) -> tuple[str, str]:
    """An entry in the catalogue of a museum of crafts."""
    known = {"thing": draw.choice(_THINGS), "name": _name(draw), "place": _name(draw), "other": _name(draw)}
    sentences = [
        line.format(**known, stuff=draw.choice(_STUFF), year=draw.randint(1610, 1950), day=draw.choice(_DAYS),
                    number=draw.randint(100, 9999), small=draw.randint(2, 40))
        for line in draw.sample(_SENTENCES, 4)
    ]  # fmt: skip
    return f"{known['name']}: {known['thing']}", " ".join(sentences)


def _name(draw: random.Random) -> str:
    return "".join(draw.sample(_SYLLABLES, draw.choice((2, 3)))).capitalize()


def _names_in(documents: Sequence[Document]) -> frozenset[str]:
    """Words that these documents only write with a capital."""
    words = {word for document in documents for word in _WORD.findall(f"{document.title}\n{document.text}")}
    lower = {word for word in words if word.islower()}
    return frozenset(word for word in words if word[0].isupper() and word.lower() not in lower)


def _renamed(source: Document, names: frozenset[str], draw: random.Random) -> tuple[str, str]:
    """A part of a document with other names and numbers, so that it says the like of something else."""
    made: dict[str, str] = {}

    def other_name(found: re.Match[str]) -> str:
        word = found[0]
        return made.setdefault(word, _name(draw)) if word in names else word

    def other_number(found: re.Match[str]) -> str:
        return "".join(str(draw.randint(1, 9)) for _ in found[0])

    start = draw.randrange(max(1, len(source.text) - _LONGEST))
    start = source.text.find(" ", start) + 1 if start else 0
    pieces = (source.title, source.text[start : start + _LONGEST].strip())
    title, text = (_DIGITS.sub(other_number, _WORD.sub(other_name, piece)) for piece in pieces)
    return title, text
