"""The head of a page: its title, and beside it the run that it is about."""

from pathlib import Path
from typing import Any

import streamlit as st

from ui.first_visit import SAMPLE_RUN, invite, sample_run, told_of_sample
from ui.links import keep, kept_one
from ui.text import plain
from ui.workspace import Workspace


def titled(title: str) -> Any:
    """A page's title; returns the place beside it, for what the page is about."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    left.title(title, anchor=False)
    return right


def readable_runs(space: Workspace) -> dict[str, Path]:
    """Finished runs by name, the newest first; at last the one that comes with the program."""
    found = {path.name: path for path in space.finished()}
    sample = sample_run()
    return found | ({SAMPLE_RUN: sample} if sample else {})


def choose_run(space: Workspace, title: str) -> Path | None:
    """The page's title, and a finished run; the choice stays when the page is changed. None: there is none yet."""
    beside, runs = titled(title), readable_runs(space)
    if not runs:
        invite(space)
        return None
    asked = kept_one("run")
    st.session_state["run-choice"] = asked if asked in runs else None if asked else next(iter(runs))
    chosen = beside.selectbox(
        "Run", list(runs), key="run-choice", placeholder="Choose a run", help="The newest first.",
        on_change=lambda: keep("run", [st.session_state["run-choice"]]),
    )  # fmt: skip
    if chosen is None:
        st.warning(plain(f"There is no finished run named '{asked}' here. Choose one above."))
        return None
    keep("run", [chosen])
    if chosen == SAMPLE_RUN:
        told_of_sample(space)
    return runs[chosen]
