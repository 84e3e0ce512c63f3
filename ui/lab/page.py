"""See learning happen: a training, preferences, or all phases of a model's life beside each other."""

from pathlib import Path
from typing import Any

import streamlit as st

from ui.header import choose_run, titled
from ui.lab.life import show_life
from ui.lab.preferences import four_steps
from ui.lab.teach import teach_domain, teach_sentences
from ui.lab.watch import watch
from ui.links import keep, kept_one
from ui.reading import show_errors
from ui.text import plain
from ui.workspace import Workspace, workspace

TRAIN, PREFER, LIFE = "Train", "Prefer", "A model's life"
VIEW = "lab-view"


@show_errors
def lab_page() -> None:
    """A training, preferences from ranking to tuned model, or the phases of a model's life."""
    space, head = workspace(), st.container()
    view = st.segmented_control(
        "View", [TRAIN, PREFER, LIFE], default=TRAIN, key=VIEW, bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if view == TRAIN:
        with head:
            beside = titled("Training lab")
        return _trainings(space, beside)
    with head:
        run = choose_run(space, "Preference lab" if view == PREFER else LIFE)
    if run:
        (four_steps if view == PREFER else show_life)(space, run)


def _trainings(space: Workspace, beside: Any) -> None:
    """Start a training, watch it, or look at one that is done."""
    st.caption(
        "Only training changes what a model knows by itself. Here an adapter beside the frozen model, or a prefix "
        "before every prompt, is trained on this machine, and every number comes from that training."
    )
    labs = [path.name for path in _labs(space)]
    # No expander where it is all that the page has: one that opens by itself can stay blank.
    with st.expander("Teach it something", icon=":material/school:") if labs else st.container():
        sentences, domain = st.tabs(["Type sentences", "Use a domain"])
        with sentences:
            teach_sentences(space)
        with domain:
            teach_domain(space)
    if not labs:
        return
    asked = kept_one("training")
    st.session_state["training-choice"] = asked if asked in labs else None if asked else labs[0]
    name = beside.selectbox(
        "Training", labs, key="training-choice", placeholder="Choose a training",
        on_change=lambda: keep("training", [st.session_state["training-choice"]]),
    )  # fmt: skip
    if name is None:
        st.warning(plain(f"There is no training '{asked}' here. Choose one above."))
        return
    keep("training", [name])
    watch(space, space.runs / ".lab" / name)


def _labs(space: Workspace) -> list[Path]:
    """Folders of trainings, the newest first."""
    found = [path for path in (space.runs / ".lab").glob("*") if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
