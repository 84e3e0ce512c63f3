"""Start drills as a job: `trivium study RUN --only …`, which goes on where an earlier one was stopped."""

from collections.abc import Collection
from pathlib import Path

import streamlit as st

from data.lock import holder_of
from evaluation.drills.registry import drill_names
from evaluation.jobs.job import job_of, start
from ui.links import go
from ui.run.panel import DRILLS
from ui.workspace import Workspace

SIZES = {"smoke": "smoke: 20 questions a point, minutes", "full": "full: 200 questions a point, hours"}


def more_drills(space: Workspace, run: Path, done: Collection[str]) -> None:
    """A form that starts them; while something works on the run it says so instead."""
    job = job_of(space.runs, run)
    if (job and job.active) or holder_of(run):
        st.info("This run is being worked on. The page Runs shows how far it is.", icon=":material/hourglass_empty:")
        return
    names = drill_names()
    with st.expander("Measure more", icon=":material/add:", expanded=not done), st.form("drills", border=False):
        chosen = st.multiselect(
            "Drills", names, [name for name in names if name not in done],
            help="A drill that was stopped goes on; one that is finished is told again.",
        )  # fmt: skip
        size = st.radio("Size", list(SIZES), format_func=SIZES.__getitem__, horizontal=True)
        st.caption("How long it will take is measured first and stands on the page Runs; it can be stopped there.")
        if st.form_submit_button("Start", type="primary"):
            _start(space, run, chosen, size)


def _start(space: Workspace, run: Path, chosen: Collection[str], size: str) -> None:
    if not chosen:
        st.warning("Choose at least one drill.")
        return
    smoke = ["--smoke"] if size == "smoke" else []
    start(space.runs, f"drills: {run.name}", [DRILLS, str(run), "--only", ",".join(chosen), *smoke], run,
          space.root)  # fmt: skip
    go("runs")
