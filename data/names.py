"""Which document of a domain a name from elsewhere means."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from data.import_documents import file_name

_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|[\\/]|\w+://")
_ENDING = re.compile(r"\.[A-Za-z]{2,5}\d?(?:\.md|\.txt)?$|\.(?:md|txt)$")


def _parts(name: str) -> tuple[str, ...]:
    """The path in lower case, without its endings."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return tuple(file_name(_ENDING.sub("", part)).lower() for part in parts if part not in ("/", ".", ".."))


def resolved(name: str, known: Collection[str]) -> str | None:
    """The document of this path, of this name before the import, or the only one whose path ends so.

    >>> resolved("fares.txt", {"2024/fares.txt", "2024/times.txt"})
    '2024/fares.txt'
    """
    for candidate in (name, f"{name}.md", f"{name}.txt", "/".join(file_name(part) for part in name.split("/"))):
        if candidate in known:
            return candidate
    wanted = _parts(name)
    if _ABSOLUTE.match(name):  # of another machine: only its end can mean something here
        ends = {other: _common_end(_parts(other), wanted) for other in known}
        longest = max(ends.values(), default=0)
        same = [other for other, length in ends.items() if length == longest > 0]
    else:
        same = [other for other in known if _same_end(_parts(other), wanted)] if wanted else []
    exact = [other for other in same if PurePosixPath(other).name == PurePosixPath(name).name]
    for found in (exact, same):
        if len(found) == 1:
            return found[0]
    return None


def _common_end(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _same_end(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[-shorter:] == other[-shorter:]
