"""All runs of the workspace: their state, and what can be done with one of them."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data.errors import TriviumError
from data.lock import holder_of
from evaluation.grading.notes import read_notes
from evaluation.jobs.job import all_jobs, job_of
from evaluation.run.folder import RunFolder
from ui.answers.noting import edit_note
from ui.links import go, keep
from ui.pick import height_of, pick_line
from ui.reading import show_errors
from ui.run.panel import resume
from ui.text import plain
from ui.workspace import Workspace


@show_errors
def run_folders(space: Workspace) -> None:
    """A line for each run; the one that is open shows what can be done with it."""
    st.header("All runs", anchor=False)
    found = space.all_runs()
    if not found:
        st.info("No run yet. Start one above.", icon=":material/route:")
        return
    rows = {path.name: _row(space, path) for path in found}
    opened = pick_line(
        pd.DataFrame(rows.values()), list(rows), "opened-run", height=height_of(len(rows)), alt="All runs"
    )
    st.caption("Click a line to open, compare, resume or delete a run.")
    if opened:
        _chosen(space, space.runs / opened, rows[opened]["state"])


def _row(space: Workspace, path: Path) -> dict[str, Any]:
    try:
        record = RunFolder(path).record()
        note = read_notes(RunFolder(path)).get(("", ""))
        return {
            "": "★" if note and note.starred else "",
            "run": path.name, "state": _state(space, path), "domain": record["domain"]["name"],
            "model": record["model"]["name"] if "model" in record else record["settings"]["model"],
            "profile": record["settings"]["profile"], "minutes": round(record["seconds"] / 60, 1),
            "started": record["created"][:16].replace("T", " "),
            "tags": ", ".join(note.tags) if note else "", "note": note.text if note else "",
        }  # fmt: skip
    except TriviumError as error:
        return {"run": path.name, "state": str(error)}
    except KeyError as error:
        return {"run": path.name, "state": f"run.json has no {error}"}


def _state(space: Workspace, path: Path) -> str:
    job = job_of(space.runs, path)
    if job and job.active:
        return job.state
    if holder_of(path):
        return "running"
    return "finished" if (path / "results.json").exists() else "stopped"


def _chosen(space: Workspace, run: Path, state: str) -> None:
    """What can be done with a run."""
    if holder := holder_of(run):
        st.caption(plain(f"{run.name}: {holder} is working on it."))
    with st.container(horizontal=True):
        if state == "finished":
            if st.button("Open the report", type="primary", key=f"report-{run.name}"):
                go("report", run=run.name)
            if st.button("Read the answers", key=f"answers-{run.name}"):
                go("answers", run=run.name)
        if state == "stopped" and st.button("Resume", type="primary", key=f"go-on-{run.name}"):
            resume(space, run)
        if state not in ("running", "waiting") and st.button("Delete", key=f"delete-{run.name}"):
            _confirm_delete(space, run)
    edit_note(RunFolder(run))


@st.dialog("Delete this run?")
@show_errors
def _confirm_delete(space: Workspace, run: Path) -> None:
    st.text(f"{run.name}: its answers, its adapter and its report. This cannot be undone.")
    with st.container(horizontal=True):
        if st.button("Keep it", type="primary"):
            st.rerun()
        if st.button("Delete it"):
            delete(space, run)
            keep("opened-run", [])
            st.rerun()


def delete(space: Workspace, run: Path) -> None:
    """Remove a run with all jobs that wrote it. Raises TriviumError where it is no run, or one that works."""
    if holder := holder_of(run):
        raise TriviumError(f"{run.name}: {holder} is working on it. Stop it first.")
    if run.parent != space.runs or not (run / "run.json").exists():
        raise TriviumError(f"{run} is not a run of this workspace.")
    shutil.rmtree(run)
    for job in all_jobs(space.runs):
        if Path(job.out).resolve() == run.resolve():
            shutil.rmtree(job.folder)
