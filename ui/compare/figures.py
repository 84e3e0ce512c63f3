"""Runs beside each other: outcomes of each method, differences with their intervals, what was set differently."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from evaluation.analysis.compare import Comparison, compare_runs
from evaluation.numbers import points_span
from evaluation.run.folder import RunFolder
from ui.pick import height_of
from ui.reading import results_of, show_errors
from ui.text import plain

SHARES = ("right", "unknown", "wrong")


@st.cache_resource(show_spinner="Pairing the runs by question", max_entries=16)
def _compared(before: Path, after: Path, changed: tuple[float, float]) -> Comparison:
    return compare_runs(RunFolder(before), RunFolder(after))


def comparison_of(before: Path, after: Path) -> Comparison:
    """Two runs paired by question; made again when one of them was graded again.

    Raises:
        TriviumError: they share no question, or were graded by different rules.
    """
    first, second = ((run / "results.json").stat().st_mtime for run in (before, after))
    return _compared(before, after, (first, second))


def outcomes(runs: Mapping[str, Path]) -> None:
    """Right, unknown and wrong of each method in each run."""
    rows: list[dict[str, Any]] = []
    for run, path in runs.items():
        for name, method in results_of(path).methods.items():
            cell = method.overall
            counts = (cell.correct, cell.abstained, cell.wrong)
            shares = {part: 100 * count / max(1, cell.scored) for part, count in zip(SHARES, counts, strict=True)}
            rows.append({"method": name, "run": run, **shares, "of": cell.scored})
    order = list(dict.fromkeys(row["method"] for row in rows))
    rows.sort(key=lambda row: order.index(row["method"]))
    st.header("Outcomes of the answerable questions", anchor=False)
    share = st.column_config.NumberColumn(format="%.0f%%")
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=dict.fromkeys(SHARES, share), height=height_of(len(rows)),
        alt="Shares of right, unknown and wrong answers by method and run",
    )  # fmt: skip


@show_errors
def differences_to_first(runs: Mapping[str, Path]) -> None:
    """Each run against the first, over the questions that both asked."""
    (first, before), *others = runs.items()
    st.header("Differences in right answers", anchor=False)
    rows: list[dict[str, Any]] = []
    for run, path in others:
        for name, m in comparison_of(before, path).methods.items():
            rows.append({
                "method": name, "run": run, "points": round(100 * m.difference),
                "95% interval": points_span(m.ci_low, m.ci_high),
                "established": "undecided" if m.unsure else "more" if m.difference > 0 else "fewer",
                "gained": len(m.gained), "lost": len(m.lost), "questions in both": m.n_pairs,
            })  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, height=height_of(len(rows)),
        column_config={"points": st.column_config.NumberColumn(format="%+d")}, alt="Differences in right answers",
    )  # fmt: skip
    st.caption(plain(f"Against {first}, paired by question; gained: right now and not in {first}."))


def _apart(key: str, a: Any, b: Any) -> list[tuple[str, Any, Any]]:
    """A setting that consists of several, as those of its parts that differ."""
    if not (isinstance(a, Mapping) and isinstance(b, Mapping)):
        return [(key, a, b)]
    parts = [part for part in dict.fromkeys([*a, *b]) if a.get(part, "–") != b.get(part, "–")]
    return [(f"{key}: {part}".replace("_", " "), a.get(part, "–"), b.get(part, "–")) for part in parts]


@show_errors
def what_differs(runs: Mapping[str, Path]) -> None:
    """Settings and inputs that are not the same; those that are the same are left out."""
    (first, before), *others = runs.items()
    rows: list[dict[str, str]] = []
    for run, path in others:
        found = comparison_of(before, path)
        rows += [{"run": run, "what": name, first: str(a), "there": str(b)}
                 for key, pair in found.settings_changed.items() for name, a, b in _apart(key, *pair)]  # fmt: skip
        rows += [{"run": run, "what": phrase, first: "", "there": ""} for phrase in found.inputs_changed]
    st.header("What was different", anchor=False)
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Settings and inputs that differ")
    else:
        st.caption("Model, settings, documents and questions are the same.")
