"""Start a run, watch it, stop it, resume it. What is shown is read off files, so every tab sees the same."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data.errors import TriviumError
from data.lock import holder_of
from evaluation.run.folder import RunFolder
from evaluation.run.registry import default_methods, method_names, spec_of
from evaluation.run.settings import PROFILES
from model.weights import DEFAULT_MODEL
from ui.choose import Workspace, pick_line, show_errors, workspace
from ui.jobs import all_jobs, job_of, start
from ui.jobs_panel import jobs_panel, open_report, resume
from ui.text import plain

PREDICTING_S = 600


@show_errors
def runs_page() -> None:
    """A form for a new run; jobs that work; runs that are there. An error in one part leaves the others."""
    space = workspace()
    st.title("Runs", anchor=False)
    with st.expander("Start a run", expanded=not space.finished(), icon=":material/add:"):
        _form(space)
    jobs_panel(space)
    _folders(space)


@show_errors
def _form(space: Workspace) -> None:
    domains = space.domains()
    if not domains:
        st.info(f"There is no domain in this workspace. Upload one on the page Data, or type `{space.command}`.")
        return
    left, right = st.columns(2)
    domain = left.selectbox("Domain", domains, format_func=space.name)
    model = right.text_input("Base model", DEFAULT_MODEL, help="Name of an embedded model, hub id, or local folder.")
    methods = st.multiselect(
        "Methods", method_names(), list(default_methods()),
        help="  \n".join(f"{name}: {spec_of(name).sentence}" for name in method_names()),
    )  # fmt: skip
    one, two, three, four = st.columns(4)
    profile = one.selectbox(
        "Profile", list(PROFILES), help="smoke: minutes. standard: every fact once. full: every question."
    )
    seed = two.number_input("Seed", 0, 10_000, 0, help="Seed for sampling, document order and training.")
    seeds = three.number_input(
        "Trainings", 1, 10, None, placeholder="as the profile says",
        help="Trains with several seeds and shows the spread. Left empty: 3 in profile full, else 1.",
    )  # fmt: skip
    name = four.text_input("Name", f"{domain.name}-{profile}-{seed}", key=f"name-{domain.name}-{profile}-{seed}")
    predict, begin = st.columns([1, 3])
    if predict.button("Predict time and cost"):
        with st.spinner("Measuring this machine. This can take several minutes while a run is working."):
            _predict(domain, model, profile, methods)
    if begin.button("Start", type="primary", disabled=not methods):
        _start(space, domain, model, methods, profile, (int(seed), seeds and int(seeds)), name.strip())


def _start(
    space: Workspace, domain: Path, model: str, methods: list[str], profile: str, seeds: tuple[int, int | None],
    name: str,
) -> None:  # fmt: skip
    out = space.runs / name
    if not re.fullmatch(r"[\w][\w.+-]*", name):
        raise TriviumError(f"'{name}' is not a valid run name. Use letters, digits, dots and hyphens.")
    if out.exists():
        raise TriviumError(f"There is already a run named '{name}'. Choose another name.")
    arguments = ["run", str(domain), "--model", model, "--methods", ",".join(methods), "--profile", profile]
    arguments += ["--seed", str(seeds[0]), "--out", str(out)]
    if seeds[1]:
        arguments += ["--seeds", str(seeds[1])]
    start(space.runs, name, arguments, out, space.root)
    st.rerun()


def _predict(domain: Path, model: str, profile: str, methods: list[str]) -> None:
    """`trivium check` in a process of its own.

    Raises:
        TriviumError: what the command said, or that it took too long.
    """
    command = [sys.executable, "-P", "-m", "evaluation", "check", str(domain), "--model", model, "--profile", profile]
    try:
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=PREDICTING_S)
        estimate = json.loads(done.stdout)["estimate"]
    except subprocess.TimeoutExpired as error:
        raise TriviumError(
            f"Predicting took more than {PREDICTING_S / 60:.0f} minutes and was stopped. Try again when no run is "
            "working, or start the run: it predicts its own time."
        ) from error
    except (json.JSONDecodeError, KeyError) as error:
        said = done.stderr.strip().splitlines() or ["The check exited without a message."]
        raise TriviumError(said[-1].removeprefix("trivium: ")) from error
    rows = {name: row for name, row in estimate["methods"].items() if name in methods}
    seconds = sum(row["prepare_s"] + row["answer_s"] for row in rows.values())
    tokens = sum(row["prompt_tokens"] for row in rows.values())
    dollars = sum(row["usd"] for row in rows.values())
    st.success(f"About {seconds / 60:.0f} minutes, {tokens:,} prompt tokens, \\${dollars:.3f} (assumed machine price)")


@show_errors
def _folders(space: Workspace) -> None:
    """All runs of the workspace, with their state; a finished one leads to its report."""
    st.subheader("All runs", anchor=False)
    found = sorted(space.runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    if not found:
        st.info(f"No run yet. Start one above, or type `{space.command}`.", icon=":material/route:")
        return
    rows = [_row(space, path.parent) for path in found]
    line = pick_line(pd.DataFrame(rows), [path.parent.name for path in found], "runs")
    if line is not None:
        _chosen(space, found[line].parent, rows[line]["state"])


def _row(space: Workspace, path: Path) -> dict[str, Any]:
    try:
        record = RunFolder(path).record()
        return {
            "run": path.name, "state": _state(space, path), "domain": record["domain"]["name"],
            "model": record["settings"]["model"], "profile": record["settings"]["profile"],
            "started": record["created"][:16].replace("T", " "), "minutes": round(record["seconds"] / 60, 1),
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
            open_report(run)
        if state == "stopped" and st.button("Resume", type="primary", key=f"go-on-{run.name}"):
            resume(space, run)
        if state not in ("running", "waiting") and st.button("Delete", key=f"delete-{run.name}"):
            _confirm_delete(space, run)


@st.dialog("Delete this run?")
@show_errors
def _confirm_delete(space: Workspace, run: Path) -> None:
    st.text(f"{run.name}: its answers, its adapter and its report. This cannot be undone.")
    with st.container(horizontal=True):
        if st.button("Keep it", type="primary"):
            st.rerun()
        if st.button("Delete it"):
            _delete(space, run)
            st.rerun()


def _delete(space: Workspace, run: Path) -> None:
    """Remove a run with all jobs that wrote it. Raises TriviumError where it is no run, or one that works."""
    if holder := holder_of(run):
        raise TriviumError(f"{run.name}: {holder} is working on it. Stop it first.")
    if run.parent != space.runs or not (run / "run.json").exists():
        raise TriviumError(f"{run} is not a run of this workspace.")
    shutil.rmtree(run)
    for job in all_jobs(space.runs):
        if Path(job.out).resolve() == run.resolve():
            shutil.rmtree(job.folder)
