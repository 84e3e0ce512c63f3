"""The jobs that work, and those that ended: this part of the page Runs renews itself."""

import re
import shutil
import time
from pathlib import Path

import streamlit as st

from evaluation.report.charts import training_chart
from evaluation.run.folder import RunFolder
from ui.choose import Workspace, draw, rows_so_far
from ui.jobs import Job, all_jobs, start, stop
from ui.text import plain

MARKS = {"waiting": "hourglass_empty", "running": "play_arrow", "finished": "check", "stopped": "stop",
         "failed": "error", "crashed": "error"}  # fmt: skip
REFRESH_S = 2
_STEP = re.compile(r"(\d+)/(\d+)")
_LAST = 3  # answers that are shown while a run works
_RUNS = ("run", "resume")  # commands whose folder is a run


def resume(space: Workspace, run: Path) -> None:
    """Start a job that goes on with a run, and show the page again."""
    start(space.runs, run.name, ["resume", str(run)], run, space.root)
    st.rerun()


def open_report(run: Path) -> None:
    """Change to the page Report with this run."""
    st.session_state["kept_run"] = run.name
    st.switch_page(st.session_state["report_page"])


@st.fragment(run_every=REFRESH_S)
def jobs_panel(space: Workspace) -> None:
    """The newest job of each folder: those that work, those that ended badly, those that ended while one watched."""
    jobs = all_jobs(space.runs)
    seen = st.session_state.get("active_jobs", set())
    active = {job.folder.name for job in jobs if job.active}
    st.session_state["active_jobs"] = active
    ended: set[str] = st.session_state.setdefault("ended_jobs", set())
    if seen - active:
        ended |= seen - active
        st.rerun()  # the list of runs below is another now
    newest = {job.out: job for job in reversed(jobs)}
    shown = [job for job in newest.values() if job.state != "finished" or job.folder.name in ended]
    for job in sorted(shown, key=lambda job: job.created, reverse=True):
        _show_job(space, job)


def _show_job(space: Workspace, job: Job) -> None:
    run = RunFolder(Path(job.out))
    with st.container(border=True):
        title, button = st.columns([5, 1])
        title.markdown(f":material/{MARKS[job.state]}: **{plain(job.title)}** {job.state}")
        if job.active and button.button("Stop", key=f"stop-{job.folder.name}"):
            stop(job)
            st.rerun()
        if not job.active and button.button("Dismiss", key=f"dismiss-{job.folder.name}", help="The run itself stays."):
            shutil.rmtree(job.folder)
            st.rerun()
        is_run = run.exists() and job.arguments[0] in _RUNS  # not a training of the lab
        if job.state == "waiting":
            st.caption("Starts when the previous job ends.")
        elif job.active:
            _progress(job, run)
        elif job.state == "finished":
            if is_run and st.button("Open the report", key=f"open-{job.folder.name}", type="primary"):
                open_report(run.path)
        else:
            st.code("\n".join(_said(job)[-6:]) or "It exited without a message.", language=None)
            if is_run and st.button("Resume", key=f"resume-{job.folder.name}", type="primary"):
                resume(space, run.path)


def _said(job: Job) -> list[str]:
    return [line.strip() for line in job.log if line.strip()]


def _progress(job: Job, run: RunFolder) -> None:
    """The step that is worked on, how far it is, what was predicted for the whole, the curve, the last answers."""
    line = (_said(job) or ["starting"])[-1]
    found = _STEP.search(line)
    share = min(1.0, int(found[1]) / max(1, int(found[2]))) if found else 0.0
    st.progress(share, plain(line))
    record = run.record() if run.exists() else {}
    spent = time.time() - (job.began or time.time())
    predicted = record.get("estimate", {}).get("seconds")
    left = ""
    if predicted:
        left = f", about {max(0.0, predicted - spent) / 60:.0f} minutes left of {predicted / 60:.0f} predicted"
    st.caption(f"{spent / 60:.1f} minutes so far{left}")
    curves = sorted(run.path.glob("adapters/*.curve.jsonl"))
    if curves and (rows := rows_so_far(curves[-1])):
        draw(training_chart(rows), height=220)
    for answer in reversed(run.answers()[-_LAST:]):
        st.text(f"{answer.method}, {answer.question_id}: {answer.answer}")
