"""Answers: find a question, open it, compare what the methods say, and say what a person says of it."""

from collections.abc import Sequence

import streamlit as st

from evaluation.analysis.graded_run import GradedRun
from evaluation.grading.notes import read_notes
from ui.answers.filters import choose_filter
from ui.answers.keys import on_key
from ui.answers.noting import edit_note
from ui.answers.person import show_labels
from ui.answers.question import judge_by_key, open_question
from ui.answers.ranking import rank_by_preference
from ui.answers.sample import label_sample
from ui.answers.table import QUESTION, pick_question
from ui.first_visit import SAMPLE_RUN
from ui.grades import by_question
from ui.header import choose_run
from ui.links import keep, kept_one
from ui.pick import step
from ui.reading import graded_run_of, show_errors
from ui.workspace import workspace

READ, LABEL, RANK = "Read and compare", "Label a sample", "Rank by preference"


@show_errors
def answers_page() -> None:
    """Views of a run's answers: to read them, to label a sample blind, and to say which of several are preferred."""
    run = choose_run(workspace(), "Answers")
    if run is None:
        return
    graded = graded_run_of(run)
    writable = st.session_state.get("run-choice") != SAMPLE_RUN
    views = [READ, LABEL, RANK] if writable else [READ]
    view = st.segmented_control(
        "View", views, default=READ, key="view", bind="query-params", required=True, label_visibility="collapsed"
    )
    if view == LABEL:
        label_sample(graded.folder)
    elif view == RANK:
        rank_by_preference(graded.folder)
        return
    else:
        _read(graded, writable)
    if writable:
        show_labels(graded.folder)


def _read(graded: GradedRun, writable: bool) -> None:
    """The table; beside it, as soon as one is open, the question."""
    notes = read_notes(graded.folder)
    chosen = choose_filter(graded.answers, notes, graded.record["training"]["facts"] is None)
    questions = {
        key: rows
        for key, rows in by_question(graded.answers).items()
        if chosen.passes(rows, notes.get((rows[0].question.id, rows[0].answer.phase)))
    }
    open_now = kept_one(QUESTION) in questions
    # Keys and table stay at one place whether a question is open or not: what moves is made anew in the browser, deaf
    # for a moment, and a new table says "nothing is chosen" before it hears what is, which closed the question.
    listener = st.container()
    left, *beside = st.columns([5, 7] if open_now else 1)
    with left:
        opened = pick_question(questions, notes, brief=open_now)
    keys = list(questions)
    if opened is None or not beside:
        with listener:
            on_key(["j", "k"], lambda key: step(keys, QUESTION, 1 if key == "j" else -1))
        return
    answers = questions[opened]

    def act(key: str) -> None:
        if key in "jk":
            step(keys, QUESTION, 1 if key == "j" else -1)
        elif writable:
            judge_by_key(graded, answers, key)

    with listener:
        on_key(["j", "k", "r", "w", "u"], act)
    with beside[0]:
        _turn_pages(keys, opened)
        open_question(graded, answers, writable)
        if writable:
            edit_note(graded.folder, answers[0].question.id, answers[0].answer.phase)


def _turn_pages(keys: Sequence[str], opened: str) -> None:
    """Where this question stands among those shown, and the ways to its neighbours."""
    place = keys.index(opened)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", icon=":material/chevron_left:", on_click=step, args=(keys, QUESTION, -1),
                  disabled=place == 0, help="Key k")  # fmt: skip
        st.button("Next", icon=":material/chevron_right:", on_click=step, args=(keys, QUESTION, 1),
                  disabled=place == len(keys) - 1, help="Key j")  # fmt: skip
        st.caption(f"{place + 1} of {len(keys)}")
        st.button("Close", icon=":material/close:", on_click=keep, args=(QUESTION, []), type="tertiary")
