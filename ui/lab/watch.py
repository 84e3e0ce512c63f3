"""A training while it works, one that was stopped, and one that is done."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from data import jsonl
from data.errors import TriviumError
from data.files import read_text
from evaluation.jobs.job import Job, job_of, start, stop
from evaluation.run.folder import LAB
from ui.lab.curve import show_curve
from ui.lab.finished import show_finished
from ui.links import keep
from ui.workspace import Workspace

DONE = ("trained", "complete")  # states of a record in which there are answers of before and after


def _record(folder: Path) -> dict[str, Any]:
    """What a training has written down; nothing where it has not, or where that is damaged."""
    with suppress(TriviumError, ValueError):
        found = json.loads(read_text(folder / LAB))
        return found if isinstance(found, dict) else {}
    return {}


def watch(space: Workspace, folder: Path) -> None:
    """What there is to see of a training, and what can be done with it."""
    job = job_of(space.runs, folder)
    if job and job.active:
        _live(space, folder)
        return
    record = _record(folder)
    if record.get("state") in DONE:
        show_finished(folder, record)
    if record.get("state") != "complete":
        st.warning("This training was stopped before it was finished.", icon=":material/pause:")
        if job:
            st.code("\n".join(job.log[-5:]) or "It exited without a message.", language=None)
        if record.get("state") not in DONE:
            _curve(folder, record)
    with st.container(horizontal=True):
        if record.get("state") != "complete" and job and st.button("Resume", type="primary"):
            start(space.runs, job.title, job.arguments, folder, space.root)
            st.rerun()
        with st.popover("Delete this training"):
            st.text("Its adapter and its figures. This cannot be undone.")
            if st.button("Delete it"):
                shutil.rmtree(folder)
                keep("training", [])
                st.rerun()


@st.fragment(run_every=2)
def _live(space: Workspace, folder: Path) -> None:
    """The training as it goes; it goes on when this page is left."""
    job: Job | None = job_of(space.runs, folder)
    if job is None or not job.active:
        st.rerun()
        return
    left, right = st.columns([5, 1])
    lines = [line.strip() for line in job.log if line.strip()]
    left.text(lines[-1] if lines else ("waits for the previous job to end" if job.state == "waiting" else "starting"))
    if right.button("Pause", help="Keeps what was learned. Resuming continues from the last checkpoint."):
        stop(job)
        st.rerun()
    record = _record(folder)
    if record.get("state") in DONE:
        show_finished(folder, record)
    else:
        _curve(folder, record)


def _curve(folder: Path, record: Mapping[str, Any]) -> None:
    """What is known of a training that is not done."""
    paths = list(folder.glob("adapters/*.curve.jsonl"))
    lines = jsonl.read_whole(paths[0]) if paths else []
    if lines:
        show_curve(lines, record.get("before", []))
