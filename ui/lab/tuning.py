"""Learning from preferences as a job: started here, watched while it works, stopped."""

import shlex
import time
from pathlib import Path
from typing import Literal

import streamlit as st

from data.errors import TriviumError
from evaluation.jobs.job import Job, stop
from evaluation.jobs.preferences import learning_job, start_learning
from evaluation.preferences.candidates import newest_candidates
from evaluation.preferences.opening import able_methods
from evaluation.preferences.rankings import FOLDER
from ui.charts import lines_chart
from ui.look import draw
from ui.reading import rows_so_far
from ui.text import plain
from ui.workspace import Workspace

_DOES = {"train": "Tune the model on these preferences", "reward": "Fit a reward model"}


def begin(space: Workspace, run: Path, what: Literal["train", "reward"], by: str, ranked: bool) -> None:
    """What is not done yet: the button that does it, and the command that does the same."""
    if not ranked:
        st.info("Not done yet. It needs rankings.")
        return
    able = able_methods(run)
    drawn = newest_candidates(run)
    source = drawn[0].sources[0].partition(",")[0] if drawn and drawn[0].sources else ""
    method = st.selectbox(
        "Of the method", able, index=able.index(source) if source in able else 0, key=f"of-{what}", width=320
    )
    words = ["trivium", "prefer", space.name(run), f"--{what}", "--methods", method, *(["--by", by] if by else [])]
    st.text("Not done yet. It takes the default model some minutes and works on when this page is left. As a command:")
    st.code(shlex.join(words), language=None)
    job = learning_job(space.runs, run.name)
    if st.button(_DOES[what], type="primary", disabled=bool(job and job.active)):
        try:
            start_learning(space.runs, run.name, what, method, by)
        except TriviumError as error:
            st.error(plain(error))
            return
        st.rerun()


def watch_learning(space: Workspace, run: Path) -> None:
    """The job that learns from this run's preferences, while it works; afterwards only where it failed."""
    job = learning_job(space.runs, run.name)
    if job and job.active:
        _live(space, run)
    elif job and job.state == "stopped":
        st.warning("This was stopped; the model and its figures are as they were.", icon=":material/stop:")
    elif job and job.state in ("failed", "crashed"):
        st.warning(plain(f"{job.title} ended without a result."), icon=":material/error:")
        st.code("\n".join(job.log[-5:]) or "It exited without a message.", language=None)


@st.fragment(run_every=2)
def _live(space: Workspace, run: Path) -> None:
    job: Job | None = learning_job(space.runs, run.name)
    if job is None or not job.active:
        st.rerun()
        return
    with st.container(border=True):
        left, right = st.columns([5, 1])
        left.markdown(f":material/play_arrow: **{plain(job.title)}** {job.state}")
        if right.button("Stop", help="The model stays as it was; a tuning begins anew."):
            stop(job)
            st.rerun()
        if job.state == "waiting":
            st.caption("Starts when the previous job ends.")
            return
        said = [line.strip() for line in job.log if line.strip()] or ["starting"]
        spent = time.time() - (job.began or time.time())
        st.caption(plain(f"{said[-1]} · {spent / 60:.1f} minutes since it was started"))
        show_tuning(run)


def show_tuning(run: Path) -> None:
    """Loss of the tuning that works now, and how many pairs of each step are in the preferred order."""
    curves = sorted((run / FOLDER / "adapters").glob("*.curve.jsonl"), key=lambda path: path.stat().st_mtime)
    rows = rows_so_far(curves[-1]) if curves else []
    if not rows:
        return
    left, right = st.columns(2)
    draw(lines_chart([{"step": r["step"], "loss": r["loss"]} for r in rows], "step", "loss", "Loss"), left, 220)
    ordered = [{"step": r["step"], "share": r["accuracies"]} for r in rows if r.get("accuracies") is not None]
    if ordered:
        draw(lines_chart(ordered, "step", "share", "Pairs in the preferred order"), right, 220)
