"""Questions as lines, methods as columns; a click on a line opens it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from evaluation.analysis.graded_run import GradedAnswer
from evaluation.grading.notes import Note
from evaluation.words import kind_words
from ui.grades import LEGEND, is_right, mark, tint
from ui.pick import height_of, pick_line
from ui.text import plain

QUESTION = "question"  # of the opened one, in the address
TINTED = 600  # lines; styling more of them takes longer than a person waits
_WIDTHS = {"": 40, "kind": 120, "question": 300, "accepted": 120, "right": 130}  # pixels
_ANSWER = 170  # of a method's column


def pick_question(
    questions: Mapping[str, Sequence[GradedAnswer]], notes: Mapping[tuple[str, str], Note], brief: bool
) -> str | None:
    """The table; returns the key of the question that is open.

    Args:
        questions: by key, in their order.
        brief: only who is right, for a narrow place beside the open question.
    """
    if not questions:
        st.info("No answer matches these filters.", icon=":material/filter_alt:")
        return None
    rows = [_line(rows, notes, brief) for rows in questions.values()]
    frame = pd.DataFrame(rows)
    methods = [name for name in frame.columns if name not in _WIDTHS]
    config = {name: st.column_config.TextColumn(width=_WIDTHS.get(name, _ANSWER)) for name in frame.columns}
    shown = frame if brief or len(frame) > TINTED else _tinted(frame, list(questions.values()), methods)
    lines = 560 if brief else 420
    opened = pick_line(
        shown, list(questions), QUESTION, column_config=config, height=height_of(len(frame), lines),
        alt="Questions with the answer of each method",
    )  # fmt: skip
    if not brief:
        st.caption(plain(f"{LEGEND}."))
    return opened


def _line(rows: Sequence[GradedAnswer], notes: Mapping[tuple[str, str], Note], brief: bool) -> dict[str, Any]:
    question, first = rows[0].question, rows[0]
    note = notes.get((question.id, first.answer.phase))
    line = {"": ("★" if note.starred else "✎") if note else "", "question": question.question}
    if brief:
        return line | {"right": ", ".join(row.answer.method for row in rows if is_right(row)) or "none"}
    line |= {
        "kind": kind_words(first.category),
        "accepted": question.answers[0] if question.answers else "(unanswerable)",
    }
    return line | {row.answer.method: f"{mark(row)} {row.answer.answer}" for row in rows}


def _tinted(frame: pd.DataFrame, questions: Sequence[Sequence[GradedAnswer]], methods: Sequence[str]) -> Any:
    """The frame with each answer's grade as the background of its cell."""
    looks = pd.DataFrame("", index=frame.index, columns=frame.columns)
    for place, rows in enumerate(questions):
        for row in rows:
            colour = tint(row)
            looks.loc[place, row.answer.method] = f"background-color: {colour}" if colour else ""
    return frame.style.apply(lambda _: looks, axis=None)
