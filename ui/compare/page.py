"""Compare: two runs or more, side by side, down to the single answer."""

import streamlit as st

from ui.compare.figures import differences_to_first, outcomes, what_differs
from ui.compare.flips import changed_answers
from ui.first_visit import SAMPLE_RUN
from ui.header import readable_runs, titled
from ui.links import keep, kept
from ui.reading import show_errors
from ui.workspace import workspace


@show_errors
def compare_page() -> None:
    """Choose the runs, the first of which the others are compared with."""
    titled("Compare runs")
    runs = readable_runs(workspace())
    own = [name for name in runs if name != SAMPLE_RUN]
    asked = [name for name in kept("runs") if name in runs]
    if len(own) < 2 and not asked:  # the one that came with the program is about other questions
        st.info("Two finished runs are needed. Start one on the page Runs: another model, other settings, or the same "
                "after the documents changed.", icon=":material/compare_arrows:")  # fmt: skip
        return
    st.session_state["runs-choice"] = asked or list(reversed(own[:2]))
    chosen = st.multiselect(
        "Runs, the first is what the others are compared with", list(runs), key="runs-choice",
        on_change=lambda: keep("runs", st.session_state["runs-choice"]),
    )  # fmt: skip
    keep("runs", chosen)
    if len(chosen) < 2:
        st.caption("Choose two or more.")
        return
    found = {name: runs[name] for name in chosen}
    outcomes(found)
    differences_to_first(found)
    what_differs(found)
    changed_answers(found)
