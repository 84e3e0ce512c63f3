"""Two tables of counts whose cells lead to the answers that were counted."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.numbers import percent
from evaluation.results.rates import Cell
from evaluation.results.schema import Results
from evaluation.words import kind_words
from ui.answers.filters import FAILURES
from ui.links import go
from ui.report.decision import only_read

_HINT = "Click a number to read the answers behind it."
Shown = tuple[float | None, str]  # what a cell is sorted by, and what stands in it


def kinds_of_question(run: str, results: Results) -> None:
    """Right answers of each method to each kind of question; `run` is its name in the app."""
    kinds = results.categories
    if not kinds:
        return
    words = [kind_words(kind, only_read(results)) for kind in kinds]
    st.header("Right answers by kind of question", anchor=False)
    cells = {name: [_right(method.categories.get(kind)) for kind in kinds] for name, method in results.methods.items()}
    _leading(words, cells, "kinds", lambda method, place: go("answers", run=run, method=method, kind=words[place]))


def _right(cell: Cell | None) -> Shown:
    if cell is None:
        return None, "–"
    return cell.accuracy, f"{cell.correct:,} of {cell.scored:,} ({percent(cell.accuracy)})"


def causes_of_errors(run: str, results: Results) -> None:
    """How often each method failed for each cause."""
    causes = [cause for cause in CAUSE_NAMES if any(cause in method.causes for method in results.methods.values())]
    if not causes:
        return
    st.header("Causes of errors", anchor=False)
    names = [CAUSE_NAMES[Cause(cause)] for cause in causes]
    cells = {
        name: [(float(count), f"{count:,}") for count in (method.causes.get(cause, 0) for cause in causes)]
        for name, method in results.methods.items()
    }

    def lead(method: str, place: int) -> None:
        go("answers", run=run, mode=FAILURES, method=method, cause=names[place])

    _leading(names, cells, "causes", lead)


def _always(text: str, _: object) -> str:
    return text


def _leading(
    lines: Sequence[str], cells: Mapping[str, Sequence[Shown]], name: str, lead: Callable[[str, int], None]
) -> None:
    """A table of methods by line, sorted by numbers and shown in words; a click on a cell leads on."""
    frame = pd.DataFrame({"": lines, **{method: [value for value, _ in column] for method, column in cells.items()}})
    shown = frame.style
    for method, column in cells.items():
        for place, (_, text) in enumerate(column):
            shown = shown.format(partial(_always, text), subset=pd.IndexSlice[[place], [method]], na_rep=text)
    event = st.dataframe(
        shown, hide_index=True, key=f"table-{name}", on_select="rerun", selection_mode="single-cell",
        alt=f"Counts by method: {name}",
    )  # fmt: skip
    st.caption(_HINT)
    for place, method in event["selection"]["cells"][:1]:
        if method in cells:
            lead(method, place)
