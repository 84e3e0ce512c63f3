"""Questions added to those that are there: equal ones count once, no id is ever used twice."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from data.leaks import normalised

_ARTICLE_WORDS = "a an the der die das ein eine le la les un une el los las il lo gli de het een"
_ARTICLES = frozenset(_ARTICLE_WORDS.split())


def keys_of(question: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What makes two questions the same: split, wording and one accepted form (or none)."""
    split, asked = str(question.get("split") or "test"), normalised(question["question"]) or question["question"]
    return [(split, asked, _bare(normalised(answer)) or answer.strip()) for answer in question["answers"] or [""]]


def _bare(answer: str) -> str:
    """Without an article in front.

    >>> _bare("the heron"), _bare("a")
    ('heron', 'a')
    """
    first, _, rest = answer.partition(" ")
    return rest if rest and first in _ARTICLES else answer


def free_id(wanted: str, taken: Collection[str]) -> str:
    """The id, with the next number where it is taken.

    >>> free_id("q", {"q", "q-2"})
    'q-3'
    """
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _fact(row: Mapping[str, Any]) -> str:
    return str(row.get("fact_id") or row["id"])


def _taught(rows: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Facts and what answers them."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(_fact(row), set()).update(normalised(answer) for answer in row["answers"])
    return found


def add_to(
    old: list[dict[str, Any]], rows: list[dict[str, Any]], taken: Collection[str] = ()
) -> tuple[list[dict[str, Any]], int]:
    """What of `rows` has to be added to `old`, and how many of them were there already.

    An id or a fact that belongs to another question gets a number; wordings of one fact stay together.

    Args:
        taken: ids that stand in other files of the domain.
    """
    there = {key for row in old for key in keys_of(row)}
    new = [dict(row) for row in rows if not any(key in there for key in keys_of(row))]
    known, added = _taught(old), _taught(new)
    stated = {str(row["fact_id"]) for row in new if row.get("fact_id")}
    used = {str(row["id"]) for row in old} | known.keys() | set(taken)
    facts = {
        fact: fact if fact in stated and known.get(fact, set()) & answers else free_id(fact, used)
        for fact, answers in added.items()
    }
    for row in new:
        fact = facts[_fact(row)]
        row["id"] = free_id(str(row["id"]), used)
        used.add(row["id"])
        row.pop("fact_id", None)
        row |= {"fact_id": fact} if fact != row["id"] else {}
        row |= {"needs": [facts.get(name, name) for name in row["needs"]]} if "needs" in row else {}
    return new, len(rows) - len(new)
