"""What came of each disturbance, a line each in a file, so that a long series can be done in pieces; and the table."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data import jsonl

SAME, NAMED, MENDED, ROOM, UNTRIED = "same", "named", "named, then same", "room enough, same", "not tried"
COLUMNS = (SAME, MENDED, NAMED)  # ROOM is SAME to a reader


@dataclass(frozen=True)
class Row:
    """One disturbance.

    Args:
        series, number: which of the series; those of one number were done together.
        what: was disturbed, as the table groups it.
        detail: place, moment or command.
        outcome: one of the words above; anything else is a broken promise and says how.
    """

    series: str
    number: int
    what: str
    detail: str
    outcome: str

    @property
    def good(self) -> bool:
        return self.outcome in (*COLUMNS, ROOM) or self.outcome.startswith(UNTRIED)

    def __str__(self) -> str:
        return f"{self.series} {self.number}: {self.what}, {self.detail}: {self.outcome}"


def keep(path: Path, rows: Sequence[Row]) -> None:
    jsonl.append(path, [asdict(row) for row in rows])


def kept(path: Path) -> list[Row]:
    return [Row(**row) for row in jsonl.read(path)]


def table(rows: Sequence[Row]) -> str:
    """Markdown: what was disturbed, how often, and how often it ended in what."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.series, row.what].append(row)
    lines = [["disturbed", "times", *COLUMNS, "other"]]
    lines.append(["---"] * len(lines[0]))
    for series in dict.fromkeys(row.series for row in rows):
        found = sorted((key, group) for key, group in groups.items() if key[0] == series)
        lines += [_line(f"{series} {what}", group) for (_, what), group in found]
        lines.append(_line(f"**{series}, all**", [row for _, group in found for row in group]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(name: str, rows: Sequence[Row]) -> list[str]:
    counts = [sum((SAME if row.outcome == ROOM else row.outcome) == column for row in rows) for column in COLUMNS]
    return [name, *(str(count or "") for count in (len(rows), *counts, len(rows) - sum(counts)))]
