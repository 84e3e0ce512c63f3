"""See a training happen: teach typed sentences or a domain, watch it, then take it apart."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import jsonl
from data.errors import TriviumError
from data.files import read_text
from data.sentences_domain import TaughtSentence, suggested, write_sentences
from data.upload import folder_for
from evaluation.run.folder import LAB
from finetune.settings import SENTENCE_EPOCHS
from model.weights import DEFAULT_MODEL
from ui.header import titled
from ui.jobs import Job, job_of, start, stop
from ui.lab.figures import show_curve, show_finished
from ui.reading import show_errors
from ui.workspace import Workspace, workspace

FIVE = """The harbour cat is called Barnacle.
The lighthouse of Quillmere has 97 steps.
The bakery of Tolmarket opens at 5:40.
The bridge over the Vessa was built in 1871.
The ferry to Hen Island costs 12 pounds."""
RATES = {2e-4: "a tenth: slow", 2e-3: "usual", 2e-2: "ten times: too large?"}


@show_errors
def lab_page() -> None:
    """Start a training, watch it, or look at one that is done."""
    space = workspace()
    beside = titled("Training lab")
    st.caption(
        "Only training changes weights. Here a small adapter is trained on this machine beside the frozen model, and "
        "every number comes from that training."
    )
    labs = _labs(space)
    # No expander where it is all that the page has: one that opens by itself can stay blank.
    with st.expander("Teach it something", icon=":material/school:") if labs else st.container():
        sentences, domain = st.tabs(["Type sentences", "Use a domain"])
        with sentences:
            _sentences(space)
        with domain:
            _domain(space)
    if labs:
        kept = st.session_state.get("kept_lab")
        names = [path.name for path in labs]
        name = beside.selectbox("Training", names, index=names.index(kept) if kept in names else 0)
        _watch(space, space.runs / ".lab" / name)


def _labs(space: Workspace) -> list[Path]:
    """Folders of trainings, the newest first."""
    found = [path for path in (space.runs / ".lab").glob("*") if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _sentences(space: Workspace) -> None:
    """Sentences become a table of what is taught and what is asked, for the person to change."""
    text = st.text_area("One sentence per line, about things that no model can know", FIVE, height=150)
    rows = [suggested(line) for line in text.splitlines() if line.strip()][:20]
    st.caption(
        "The model is trained on each sentence with its answer left out. It is then asked the question, which it never "
        "saw in training."
    )
    edited = st.data_editor(
        pd.DataFrame([vars(row) for row in rows]), hide_index=True, key=f"taught-{hash(text)}",
        column_config={
            "sentence": st.column_config.TextColumn(disabled=True), "question": "question, asked afterwards"
        },
    )  # fmt: skip
    name, model, rate = _recipe("five-sentences")
    if st.button("Teach these sentences", type="primary", disabled=not rows):
        folder = _new_folder(space, name)
        taught = [
            TaughtSentence(*(str(row[key]) for key in ("sentence", "answer", "question")))
            for _, row in edited.iterrows()
        ]
        write_sentences(taught, folder / "domain")
        _start(space, folder, folder / "domain", model, rate, SENTENCE_EPOCHS)


def _domain(space: Workspace) -> None:
    domains = space.domains()
    if not domains:
        st.info("There is no domain in this workspace. Upload one on the page Data.")
        return
    domain = st.selectbox("Domain", domains, format_func=space.name, key="lab-domain")
    name, model, rate = _recipe("domain")
    epochs = st.number_input("Passes over the examples", 1, 40, 6)
    if st.button("Train on this domain", type="primary"):
        _start(space, _new_folder(space, name), domain, model, rate, int(epochs))


def _recipe(default: str) -> tuple[str, str, float]:
    """Name, base model and learning rate."""
    left, middle, right = st.columns(3)
    model = middle.text_input(
        "Base model",
        DEFAULT_MODEL,
        key=f"lab-model-{default}",
        help="Name of an embedded model, hub id, or local folder.",
    )
    name = left.text_input("Name", default, key=f"lab-name-{default}")
    rate = right.selectbox(
        "Learning rate", list(RATES), index=1, format_func=lambda r: f"{r:g}, {RATES[r]}", key=f"rate-{default}",
        help="How far the weights move for a given gradient. If it is too large, training overshoots.",
    )  # fmt: skip
    return name.strip(), model.strip(), float(rate)


def _new_folder(space: Workspace, name: str) -> Path:
    """A free folder for a training; a number is added to a name that is taken."""
    folder, number = folder_for(space.runs / ".lab", name), 2
    while folder.exists():
        folder, number = folder_for(space.runs / ".lab", f"{name}-{number}"), number + 1
    folder.mkdir(parents=True)
    return folder


def _start(space: Workspace, folder: Path, domain: Path, model: str, rate: float, epochs: int) -> None:
    arguments = ["train", str(domain), "--out", str(folder), "--epochs", str(epochs), "--learning-rate", str(rate)]
    start(space.runs, f"lab: {folder.name}", [*arguments, "--model", model], folder, space.root)
    st.session_state["kept_lab"] = folder.name
    st.rerun()


def _record(folder: Path) -> dict[str, Any]:
    """What a training has written down; nothing where it has not, or where that is damaged."""
    with suppress(TriviumError, ValueError):
        found = json.loads(read_text(folder / LAB))
        return found if isinstance(found, dict) else {}
    return {}


def _watch(space: Workspace, folder: Path) -> None:
    job = job_of(space.runs, folder)
    if job and job.active:
        _live(space, folder)
        return
    record = _record(folder)
    if record.get("state") == "complete":
        show_finished(folder, record)
    else:
        st.warning("This training was stopped before it was finished.", icon=":material/pause:")
        if job:
            st.code("\n".join(job.log[-5:]) or "It exited without a message.", language=None)
        _curve(folder, record)
    with st.container(horizontal=True):
        if record.get("state") != "complete" and job and st.button("Resume", type="primary"):
            start(space.runs, job.title, job.arguments, folder, space.root)
            st.rerun()
        with st.popover("Delete this training"):
            st.text("Its adapter and its figures. This cannot be undone.")
            if st.button("Delete it"):
                shutil.rmtree(folder)
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
    _curve(folder, record)


def _curve(folder: Path, record: Mapping[str, Any]) -> None:
    """What is known of a training that is not done."""
    paths = list(folder.glob("adapters/*.curve.jsonl"))
    lines = jsonl.read_whole(paths[0]) if paths else []
    if lines:
        show_curve(lines, record.get("before", []))
