"""The jobs that work, and those that ended: this part of the page Runs renews itself."""

import shutil
import time
from pathlib import Path

import streamlit as st

from evaluation.jobs.job import Job, all_jobs, stop
from evaluation.jobs.preferences import PREFERS
from evaluation.jobs.runs import resume_run
from evaluation.report.charts import training_chart
from evaluation.run.folder import RunFolder
from ui.lab.page import PREFER, VIEW
from ui.lab.tuning import show_tuning
from ui.links import go
from ui.look import draw
from ui.reading import rows_so_far
from ui.run.prediction import PREDICTS, show_prediction
from ui.run.so_far import AnswersSoFar
from ui.run.steps import MARKS as STEP_MARKS
from ui.run.steps import share_done, steps_of, time_left
from ui.text import plain
from ui.workspace import Workspace

MARKS = {"waiting": "hourglass_empty", "running": "play_arrow", "finished": "check", "stopped": "stop",
         "failed": "error", "crashed": "error"}  # fmt: skip
REFRESH_S = 2
_RUNS = ("run", "resume")  # commands that write a run
DRILLS = "study"  # the command that adds drills to one


def resume(space: Workspace, run: Path) -> None:
    """Start a job that goes on with a run, and show the page again."""
    resume_run(space.runs, run.name)
    st.rerun()


@st.fragment(run_every=REFRESH_S)
def jobs_panel(space: Workspace) -> None:
    """The newest job of each folder, until it is dismissed."""
    jobs = all_jobs(space.runs)
    seen: set[str] = st.session_state.get("active_jobs", set())
    active = {job.folder.name for job in jobs if job.active}
    st.session_state["active_jobs"] = active
    if seen - active:
        st.rerun()  # the list of runs below is another now
    newest = {(job.out, job.arguments[0] in _RUNS): job for job in reversed(jobs)}
    for job in sorted(newest.values(), key=lambda job: job.created, reverse=True):
        _show_job(space, job)


def _show_job(space: Workspace, job: Job) -> None:
    run = RunFolder(Path(job.out))
    is_run = job.arguments[0] in _RUNS and run.exists()  # not a training of the lab, or drills
    with st.container(border=True):
        title, button = st.columns([5, 1])
        title.markdown(f":material/{MARKS[job.state]}: **{plain(job.title)}** {job.state}")
        if job.active and button.button("Stop", key=f"stop-{job.folder.name}"):
            stop(job)
            st.rerun()
        if not job.active and button.button("Dismiss", key=f"dismiss-{job.folder.name}", help="The run itself stays."):
            shutil.rmtree(job.folder)
            st.rerun()
        if job.state == "waiting":
            st.caption("Starts when the previous job ends.")
        elif job.active:
            _progress(job, run, is_run)
        elif job.state == "finished":
            _done(job, run, is_run)
        else:
            st.code("\n".join(said(job)[-6:]) or "It exited without a message.", language=None)
            if is_run:
                _steps(job, run)
                if st.button("Resume", key=f"resume-{job.folder.name}", type="primary"):
                    resume(space, run.path)


def _done(job: Job, run: RunFolder, is_run: bool) -> None:
    if job.arguments[0] == PREDICTS:
        show_prediction(job)
    elif is_run and st.button("Open the report", key=f"open-{job.folder.name}", type="primary"):
        shutil.rmtree(job.folder)
        go("report", run=run.path.name)
    elif _prefers(job) and st.button("See what it changed", key=f"open-{job.folder.name}", type="primary"):
        shutil.rmtree(job.folder)
        go("lab", run=run.path.name, **{VIEW: PREFER})
    elif job.arguments[0] == DRILLS and st.button("Open the drills", key=f"open-{job.folder.name}", type="primary"):
        shutil.rmtree(job.folder)
        go("drills", run=run.path.name)


def _prefers(job: Job) -> bool:
    """Whether it learns from preferences of a run that is finished."""
    return job.arguments[0] == PREFERS


def said(job: Job) -> list[str]:
    """What a job printed, without empty lines."""
    return [line.strip() for line in job.log if line.strip()]


def _progress(job: Job, run: RunFolder, is_run: bool) -> None:
    """What it says now; of a run that is made its steps, the training curve and the last answers."""
    spent = time.time() - (job.began or time.time())
    st.caption(plain(f"{(said(job) or ['starting'])[-1]} · {spent / 60:.1f} minutes since it was started"))
    if _prefers(job):
        return show_tuning(run.path)
    if not is_run:
        return
    _steps(job, run)
    curves = sorted(run.path.glob("adapters/*.curve.jsonl"))
    if curves and (rows := rows_so_far(curves[-1])):
        draw(training_chart(rows), height=220)


def _answers(run: RunFolder) -> AnswersSoFar:
    known: dict[str, AnswersSoFar] = st.session_state.setdefault("answers_so_far", {})
    return known.setdefault(str(run.path), AnswersSoFar(run.path)).look()


def _steps(job: Job, run: RunFolder) -> None:
    """What is done, worked on and left, and how long that will take."""
    record, answers = run.record(), _answers(run)
    measured = len({row["method"] for row in rows_so_far(run.path / "latency.jsonl")})
    steps = steps_of(record, answers.counts, measured, (run.path / "results.json").exists())
    left = time_left(record, steps, answers.seconds)
    st.progress(share_done(steps), plain(left) if job.active or left.seconds else " ")
    marks = [f":material/{STEP_MARKS[s.state]}: {plain(s.title)} {plain(s.detail)}".strip() for s in steps]
    st.caption("  \n".join(marks))
    questions = {row["id"]: row["question"] for row in rows_so_far(run.path / "questions.jsonl")}
    for answer in reversed(answers.latest) if job.active else ():
        st.text(f"{answer.method}: {questions.get(answer.question_id, answer.question_id)}\n  {answer.answer}")
