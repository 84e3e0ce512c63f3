"""Start a run, watch it, stop it, go on with it. What is shown is read off files, so every tab sees the same."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import jsonl
from data.errors import TriviumError
from evaluation.report.charts import training_chart
from evaluation.run.folder import RunFolder
from evaluation.run.lock import holder_of
from evaluation.run.settings import METHOD_NAMES, PROFILES
from model.weights import DEFAULT_MODEL
from ui.choose import DEMO, Workspace, draw, in_words, workspace
from ui.jobs import Job, all_jobs, job_of, start, stop
from ui.text import plain

MARKS = {"waiting": "hourglass_empty", "running": "play_arrow", "finished": "check", "stopped": "stop",
         "failed": "error", "crashed": "error"}  # fmt: skip
_STEP = re.compile(r"(\d+)/(\d+)")
_LAST = 3  # answers that are shown while a run works
REFRESH_S = 2


@in_words
def runs_page() -> None:
    """A form for a new run; jobs that work; runs that are there."""
    space = workspace()
    st.title("Runs", anchor=False)
    with st.expander("Start a run", expanded=not space.finished(), icon=":material/add:"):
        _form(space)
    _jobs(space)
    _folders(space)


def _form(space: Workspace) -> None:
    domains = space.domains()
    if not domains:
        st.info(f"There is no domain in this workspace. Upload one on the page Data, or `{DEMO}`.")
        return
    left, right = st.columns(2)
    domain = left.selectbox("Domain", domains, format_func=space.name)
    model = right.text_input("Base model", DEFAULT_MODEL, help="Embedded name, hub id, or local folder.")
    methods = st.multiselect(
        "Methods", METHOD_NAMES, ["base", "inject", "rag", "lora", "lora+rag", "oracle"],
        help="base: nothing added. inject: all documents in the prompt. rag: found passages. lora: trained. oracle: "
        "given the right passage, which nobody can run: the ceiling of reading.",
    )  # fmt: skip
    one, two, three, four = st.columns(4)
    profile = one.selectbox("Profile", list(PROFILES), help="smoke: minutes. standard: every fact once. full: all.")
    seed = two.number_input("Seed", 0, 10_000, 0, help="Of sampling, document order and training.")
    seeds = three.number_input("Trainings", 1, 10, 1, help="With different seeds; their spread is shown, never pooled.")
    name = four.text_input("Name", f"{domain.name}-{profile}-{seed}", key=f"name-{domain.name}-{profile}-{seed}")
    predict, begin = st.columns([1, 3])
    if predict.button("Predict time and cost"):
        with st.spinner("measuring this machine for a few seconds"):
            _predict(domain, model, profile, methods)
    if begin.button("Start", type="primary", disabled=not methods):
        _start(space, domain, model, methods, profile, (int(seed), int(seeds)), name.strip())


def _start(
    space: Workspace, domain: Path, model: str, methods: list[str], profile: str, seeds: tuple[int, int], name: str
) -> None:
    out = space.runs / name
    if not re.fullmatch(r"[\w][\w.+-]*", name):
        raise TriviumError(f"'{name}' is no name for a run: use letters, digits, dots and hyphens.")
    if out.exists():
        raise TriviumError(f"there is a run named '{name}' already. Choose another name.")
    arguments = ["run", str(domain), "--model", model, "--methods", ",".join(methods), "--profile", profile]
    arguments += ["--seed", str(seeds[0]), "--seeds", str(seeds[1]), "--out", str(out)]
    start(space.runs, name, arguments, out, space.root)
    st.rerun()


def _predict(domain: Path, model: str, profile: str, methods: list[str]) -> None:
    """`trivium check` in a process of its own."""
    command = [sys.executable, "-m", "evaluation", "check", str(domain), "--model", model, "--profile", profile]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=600)
    try:
        estimate = json.loads(done.stdout)["estimate"]
    except (json.JSONDecodeError, KeyError):
        st.error(
            plain(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "the check ended without words")
        )
        return
    rows = {name: row for name, row in estimate["methods"].items() if name in methods}
    seconds = sum(row["prepare_s"] + row["answer_s"] for row in rows.values())
    tokens = sum(row["prompt_tokens"] for row in rows.values())
    dollars = sum(row["usd"] for row in rows.values())
    st.success(
        f"About {seconds / 60:.0f} minutes, {tokens:,} prompt tokens, \\${dollars:.3f} (price of the machine assumed)"
    )


@st.fragment(run_every=REFRESH_S)
def _jobs(space: Workspace) -> None:
    """What works now, or ended badly and is not resumed yet; this part of the page renews itself."""
    jobs = all_jobs(space.runs)
    seen = st.session_state.get("active_jobs", set())
    active = {job.folder.name for job in jobs if job.active}
    st.session_state["active_jobs"] = active
    if seen - active:
        st.rerun()  # one has ended: the list of runs below is another now
    newest = {job.out: job for job in reversed(jobs)}
    shown = [job for job in newest.values() if job.active or job.state in ("failed", "crashed", "stopped")]
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
        lines = [line.strip() for line in job.log if line.strip()]
        if job.state == "waiting":
            st.caption("It begins when the one before has ended.")
        elif job.active:
            _progress(job, run, lines)
        else:
            st.code("\n".join(lines[-6:]) or "it said nothing", language=None)
            resumable = run.exists() and job.arguments[0] in ("run", "resume")  # not a training of the lab
            if resumable and st.button("Resume", key=f"resume-{job.folder.name}", type="primary"):
                _resume(space, run.path)


def _progress(job: Job, run: RunFolder, lines: list[str]) -> None:
    """The step that is worked on, how far it is, what was predicted for the whole, the curve, the last answers."""
    line = lines[-1] if lines else "starting"
    found = _STEP.search(line)
    share = min(1.0, int(found[1]) / max(1, int(found[2]))) if found else 0.0
    st.progress(share, plain(line))
    record = run.record() if run.exists() else {}
    spent = time.time() - (job.began or time.time())
    predicted = record.get("estimate", {}).get("seconds")
    left = f", about {max(0.0, predicted - spent) / 60:.0f} minutes left of {predicted / 60:.0f}" if predicted else ""
    st.caption(f"{spent / 60:.1f} minutes so far{left} (predicted on this machine)")
    curves = sorted(run.path.glob("adapters/*.curve.jsonl"))
    if curves and (rows := jsonl.read_whole(curves[-1])):
        draw(training_chart(rows), height=220)
    for answer in reversed(run.answers()[-_LAST:]):
        st.text(f"{answer.method}, {answer.question_id}: {answer.answer}")


def _resume(space: Workspace, run: Path) -> None:
    start(space.runs, run.name, ["resume", str(run)], run, space.root)
    st.rerun()


def _folders(space: Workspace) -> None:
    """All runs of the workspace, with their state; a finished one leads to its report."""
    st.subheader("All runs", anchor=False)
    found = sorted(space.runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    if not found:
        st.info(f"No run yet. Start one above, or with `{DEMO}`.", icon=":material/route:")
        return
    rows = [_row(space, path.parent) for path in found]
    frame = pd.DataFrame(rows)
    event = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row", key="runs")
    if event["selection"]["rows"]:
        _chosen(space, found[event["selection"]["rows"][0]].parent, frame["state"][event["selection"]["rows"][0]])


def _row(space: Workspace, path: Path) -> dict[str, Any]:
    try:
        record = RunFolder(path).record()
        return {
            "run": path.name, "state": _state(space, path), "domain": record["domain"]["name"],
            "model": record["settings"]["model"],
            "profile": record["settings"]["profile"], "made": record["created"][:16].replace("T", " "),
            "minutes": round(record["seconds"] / 60, 1),
        }  # fmt: skip
    except (TriviumError, KeyError, TypeError, OSError) as error:
        return {"run": path.name, "state": f"cannot be read: {error}"}


def _state(space: Workspace, path: Path) -> str:
    """Of a run, in whatever process it works: a job of this app, or a command in a terminal."""
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
        if state == "finished" and st.button(f"Open the report of {run.name}", type="primary"):
            st.session_state["kept_run"] = run.name
            st.switch_page(st.session_state["report_page"])
        if state == "stopped" and st.button("Resume", type="primary", key=f"go-on-{run.name}"):
            _resume(space, run)
        if state not in ("running", "waiting") and st.button("Delete", key=f"delete-{run.name}"):
            _delete(space, run)


@st.dialog("Delete this run?")
def _delete(space: Workspace, run: Path) -> None:
    st.text(f"{run.name}: its answers, its adapter and its report. This cannot be undone.")
    if st.button("Delete it", type="primary"):
        if holder := holder_of(run):
            raise TriviumError(f"{run.name}: {holder} is working on it. Stop it first.")
        if run.parent != space.runs or not (run / "run.json").exists():
            raise TriviumError(f"{run}: this is no run of the workspace.")
        shutil.rmtree(run)
        if job := job_of(space.runs, run):
            shutil.rmtree(job.folder)
        st.rerun()
