"""Runs of one domain beside each other: outcomes, differences to the first, what was set differently, what flipped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import TriviumError
from evaluation.analysis.compare import Comparison, Flip, MethodComparison, compare_runs
from evaluation.numbers import percent, points_span, signed_points, span
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from evaluation.table import Table, columns, make_table, text_columns


@dataclass(frozen=True)
class Against:
    """One run against the first: tables and flips by method, or why it cannot be compared."""

    run: str
    tables: tuple[Table, ...] = ()
    gained: Mapping[str, Sequence[Flip]] | None = None
    lost: Mapping[str, Sequence[Flip]] | None = None
    refused: str = ""


def outcomes_table(runs: Mapping[str, Results]) -> Table:
    """Right, unknown and wrong of each method in each run."""
    methods = list(dict.fromkeys(name for results in runs.values() for name in results.methods))
    rows = []
    for name in methods:
        for run, results in runs.items():
            if method := results.methods.get(name):
                cell = method.overall
                shares = [percent(getattr(cell.outcomes, outcome).rate) for outcome in ("right", "unknown", "wrong")]
                rows.append([name, run, shares[0], span(cell.ci_low, cell.ci_high), *shares[1:], f"{cell.scored:,}"])
    heads = (*text_columns("method", "run"), *columns("", "right", "95% interval", "unknown", "wrong", "questions")[1:])
    return make_table("Outcomes of the answerable questions", heads, rows)


def against(first: str, run: str, before: RunFolder, after: RunFolder) -> Against:
    """A run against the first one, paired by question."""
    try:
        found = compare_runs(before, after)
    except TriviumError as error:
        return Against(run, refused=str(error))
    tables = (_differences(found), _settings(found, first, run))
    return Against(
        run, tuple(table for table in tables if table),
        {name: row.gained for name, row in found.methods.items() if row.gained},
        {name: row.lost for name, row in found.methods.items() if row.lost},
    )  # fmt: skip


def _differences(found: Comparison) -> Table:
    rows = [
        [
            name, percent(row.accuracy_before), percent(row.accuracy_after), f"{signed_points(row.difference)} points",
            points_span(row.ci_low, row.ci_high), _established(row), f"{row.n_pairs:,}", str(len(row.gained)),
            str(len(row.lost)),
        ]
        for name, row in found.methods.items()
    ]  # fmt: skip
    heads = columns("method", "right before", "right now", "difference", "95% interval", "established",
                    "questions in both", "gained", "lost")  # fmt: skip
    return make_table(
        "Differences in right answers", heads, rows, "The intervals hold all at once with 95% confidence."
    )


def _established(row: MethodComparison) -> str:
    return "undecided" if row.unsure else "more" if row.difference > 0 else "fewer"


def _settings(found: Comparison, first: str, run: str) -> Table | None:
    rows = [list(row) for key, pair in found.settings_changed.items() for row in _setting(key, *pair)]
    rows += [[phrase, "", ""] for phrase in found.inputs_changed]
    return make_table("What was different", text_columns("what", first, run), rows) if rows else None


def _setting(name: str, before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    """A setting, or of one that consists of several those that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield f"{name}: {key}", str(before.get(key, "n/a")), str(after.get(key, "n/a"))
    else:
        yield name, str(before), str(after)
