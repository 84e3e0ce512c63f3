"""What one part of the program knows about a domain and others have to say too: one list of findings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that a person should know.

    Args:
        severity: "error": a run would be wrong; "warning": read its result with this in mind; "note": what was done.
        place: a file with its line, a question, a setting; what it is about.
        sentence: what is so, without a full stop.
        remedy: what can be done about it, as a sentence; empty where nothing need be done.
    """

    severity: Severity
    place: str
    sentence: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.sentence}" if self.place else self.sentence
        return f"{text}. {self.remedy}" if self.remedy else text


def note(place: str, sentence: str, remedy: str = "") -> Finding:
    return Finding("note", place, sentence, remedy)


def warning(place: str, sentence: str, remedy: str = "") -> Finding:
    return Finding("warning", place, sentence, remedy)


def error(place: str, sentence: str, remedy: str = "") -> Finding:
    return Finding("error", place, sentence, remedy)


_SHOWN = 5
_ROWS, _NAMED = 3, 10  # findings of one kind that stand in rows of their own, and places that one row names


def as_one(findings: Sequence[Finding], sentence: str, remedy: str) -> list[Finding]:
    """Findings of one kind as they are where they are few, else as one of all, with the places of the first.

    Args:
        sentence, remedy: of all of them.
    """
    if len(findings) <= _ROWS:
        return list(findings)
    places = ", ".join(finding.place for finding in findings[:_NAMED])
    more = len(findings) - _NAMED
    return [Finding(findings[0].severity, f"{places} and {more:,} more" if more > 0 else places, sentence, remedy)]


def brief(findings: Iterable[Finding]) -> list[str]:
    """Errors and warnings as sentences for where a run is told of: the first few, and how many more there are."""
    grave = [finding for finding in ordered(findings) if finding.severity != "note"]
    lines = [str(finding) for finding in grave[:_SHOWN]]
    more = len(grave) - _SHOWN
    return [*lines, f"{counted(more, 'more finding')}: `trivium check` lists them."] if more > 0 else lines


def counted(n: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, each once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity))


def count(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many there are of each severity."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in SEVERITIES}
