"""Start a run, watch it, stop it, resume it. What is shown is read off files, so every tab sees the same."""

import streamlit as st

from ui.reading import show_errors
from ui.run.folders import run_folders
from ui.run.form import run_form
from ui.run.panel import jobs_panel
from ui.workspace import workspace


@show_errors
def runs_page() -> None:
    """A form for a new run; jobs that work; runs that are there. An error in one part leaves the others."""
    space = workspace()
    st.title("Runs", anchor=False)
    if space.finished():
        with st.expander("Start a run", icon=":material/add:", key="start", on_change="rerun", bind="query-params"):
            run_form(space)
    else:
        st.header("Start a run", anchor=False)
        run_form(space)
    jobs_panel(space)
    run_folders(space)
