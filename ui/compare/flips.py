"""Single questions of two runs: gained, lost or only said in other words; one opened, both answers side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data.findings import counted
from evaluation.analysis.graded_run import GradedAnswer, GradedRun
from evaluation.run.registry import spec_of
from ui.differences import differences
from ui.grades import head, is_right, key_of, mark
from ui.pick import height_of, pick_line
from ui.reading import graded_run_of, show_errors
from ui.text import marked, plain

GAINED, LOST, OTHER = "gained", "lost", "other words"
Pair = tuple[GradedAnswer, GradedAnswer]


def kind_of(pair: Pair) -> str | None:
    """What became of an answer from the first run to the second; None where it is word for word the same."""
    before, after = map(is_right, pair)
    if before != after:
        return GAINED if after else LOST
    return OTHER if pair[0].answer.answer != pair[1].answer.answer else None


def pairs_of(before: GradedRun, after: GradedRun, method: str) -> dict[str, Pair]:
    """A method's answers to the questions that are the same in both runs, by question."""
    first = {key_of(judged): judged for judged in before.answers if judged.answer.method == method}
    found = {}
    for judged in after.answers:
        old = first.get(key_of(judged))
        if judged.answer.method == method and old and _same(old, judged):
            found[key_of(judged)] = (old, judged)
    return found


def _same(old: GradedAnswer, new: GradedAnswer) -> bool:
    a, b = old.question, new.question
    return (a.question, a.answers) == (b.question, b.answers)


@show_errors
def changed_answers(runs: Mapping[str, Path]) -> None:
    """Pick the second run and a method; the answers that changed, and one of them opened."""
    first, *others = runs
    st.header("Answers that changed", anchor=False)
    before = graded_run_of(runs[first])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = st.selectbox("Against", others, key="against", bind="query-params", width=300)
        after = graded_run_of(runs[other])
        there = {judged.answer.method for judged in before.answers}
        shared = [m for m in dict.fromkeys(judged.answer.method for judged in after.answers) if m in there]
        if not shared:
            st.info("No method was asked in both.")
            return
        method = st.selectbox("Method", shared, key="changed", bind="query-params", width=170)
        kind = st.segmented_control(
            "Show", (GAINED, LOST, OTHER), default=LOST, key="became", bind="query-params", required=True
        )
    found = {key: pair for key, pair in pairs_of(before, after, method).items() if kind_of(pair) == kind}
    _table(found, first, other)


def _table(found: Mapping[str, Pair], first: str, other: str) -> None:
    if not found:
        st.info("There is no such answer.")
        return
    st.caption(f"{counted(len(found), 'question')}. Click a line to see both answers.")
    rows: list[dict[str, Any]] = [
        {"question": new.question.question, "accepted": " | ".join(new.question.answers) or "(unanswerable)",
         first: f"{mark(old)} {old.answer.answer}", other: f"{mark(new)} {new.answer.answer}"}
        for old, new in found.values()
    ]  # fmt: skip
    opened = pick_line(
        pd.DataFrame(rows), list(found), "flip", height=height_of(len(rows), 300), alt="Answers that changed"
    )
    if opened:
        _open(found[opened], (first, other))


def _open(pair: Pair, names: Sequence[str]) -> None:
    question = pair[1].question
    st.markdown(f"**{plain(question.question)}**")
    st.text(f"Accepted: {' | '.join(question.answers) or 'nothing: no document answers it'}")
    for quote in question.evidence:
        st.html(f'<div class="evidence">{marked(quote, question.answers)}</div>')
    for place, judged, name in zip(st.columns(2), pair, names, strict=True):
        with place.container(border=True):
            st.caption(plain(name))
            st.html(head(judged, spec_of(judged.answer.method).colour))
            st.text(judged.answer.answer or "(nothing)")
            passages = ", ".join(dict.fromkeys(context.document_id for context in judged.answer.contexts))
            st.caption(plain(f"Passages from: {passages or 'none'}"))
    st.html(differences(pair[0].answer.answer, pair[1].answer.answer))
