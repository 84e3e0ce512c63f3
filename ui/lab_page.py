"""See a training happen: teach typed sentences or a domain, watch it, then take it apart."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import jsonl
from data.sentences_domain import Taught, suggested, write_sentences
from data.upload import folder_for
from evaluation.run.folder import LAB
from model.weights import DEFAULT_MODEL
from ui.charts import layers_chart, lines_chart
from ui.choose import Workspace, draw, show_errors, titled, workspace
from ui.jobs import Job, job_of, start, stop
from ui.lab_figures import show_finished
from ui.text import plain

FIVE = """The harbour cat is called Barnacle.
The lighthouse of Quillmere has 97 steps.
The bakery of Tolmarket opens at 5:40.
The bridge over the Vessa was built in 1871.
The ferry to Hen Island costs 12 pounds."""
PASSES = 16
RATES = {2e-4: "a tenth: slow", 2e-3: "the usual", 2e-2: "ten times: too large?"}


@show_errors
def lab_page() -> None:
    """Start a training, watch it, or look at one that is done."""
    space = workspace()
    beside = titled("Training lab")
    st.caption(
        "Training changes weights; everything else in this app uses frozen ones. Here a small adapter is trained "
        "beside the frozen model, on this machine, and every number is read off it."
    )
    with st.expander("Teach it something", expanded=not _labs(space), icon=":material/school:"):
        sentences, domain = st.tabs(["Sentences that I type", "A domain"])
        with sentences:
            _sentences(space)
        with domain:
            _domain(space)
    if labs := _labs(space):
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
    text = st.text_area("One sentence a line, about things that no model can know", FIVE, height=150)
    rows = [suggested(line) for line in text.splitlines() if line.strip()][:20]
    st.caption("It is trained on each sentence with the answer as a gap, and asked the question, which it never sees.")
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
            Taught(*(str(row[key]) for key in ("sentence", "answer", "question"))) for _, row in edited.iterrows()
        ]
        write_sentences(taught, folder / "domain")
        _start(space, folder, folder / "domain", model, rate, PASSES)


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
        "Base model", DEFAULT_MODEL, key=f"lab-model-{default}", help="Embedded name, hub id, or local folder."
    )
    name = left.text_input("Name", default, key=f"lab-name-{default}")
    rate = right.selectbox(
        "Learning rate", list(RATES), index=1, format_func=lambda r: f"{r:g}, {RATES[r]}", key=f"rate-{default}",
        help="How far the weights move for a given gradient. Too large, and they jump out of the valley.",
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


def _watch(space: Workspace, folder: Path) -> None:
    job = job_of(space.runs, folder)
    if job and job.active:
        _live(space, folder)
        return
    record = json.loads((folder / LAB).read_text(encoding="utf-8")) if (folder / LAB).exists() else {}
    if record.get("state") == "complete":
        show_finished(folder, record)
    else:
        st.warning("This training was stopped before its end.", icon=":material/pause:")
        if job:
            st.code("\n".join(job.log[-5:]) or "it said nothing", language=None)
        _curve(folder, record)
    with st.container(horizontal=True):
        if record.get("state") != "complete" and job and st.button("Go on", type="primary"):
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
    left.text(lines[-1] if lines else ("it waits for its turn" if job.state == "waiting" else "starting"))
    if right.button("Pause", help="What is learned is kept; it goes on from its last checkpoint."):
        stop(job)
        st.rerun()
    record = json.loads((folder / LAB).read_text(encoding="utf-8")) if (folder / LAB).exists() else {}
    _curve(folder, record)


def _curve(folder: Path, record: Mapping[str, Any]) -> None:
    """What is known of a training that is not done."""
    paths = list(folder.glob("adapters/*.curve.jsonl"))
    lines = jsonl.read_whole(paths[0]) if paths else []
    if lines:
        show_curve(lines, record.get("before", []))


def show_curve(lines: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> None:
    """Loss, new wordings, gradients by layer, and one question answered at every look."""
    left, right = st.columns(2)
    draw(lines_chart([{"step": r["step"], "loss": r["loss"]} for r in lines], "step", "loss", "Loss: the error"), left)
    looks = [row for row in lines if "answers" in row]
    if looks:
        rights = [{"epoch": 0.0, "right": sum(a["right"] for a in before)}] if before else []
        rights += [{"epoch": row["epochs"], "right": row["right"]} for row in looks]
        title = f"New wordings answered right, of {looks[-1]['of']}"
        draw(lines_chart(rights, "epoch", "right", title), right)
    norms = [
        {"step": row["step"], "layer": layer, "gradient": max(norm, 1e-12)}
        for row in lines
        for layer, norm in enumerate(row.get("gradient_by_layer", []))
    ]
    if norms:
        draw(layers_chart(norms), left)
    rates = [{"step": row["step"], "learning rate": row["learning_rate"]} for row in lines]
    draw(lines_chart(rates, "step", "learning rate", "Learning rate: how far each step goes"), right)
    if looks:
        questions = [answer["question"] for answer in looks[0]["answers"]]
        place = st.selectbox("One question at every look, from babble to answer", range(len(questions)),
                             format_func=lambda n: questions[n])  # fmt: skip
        said = [{"step": 0, "answer": before[place]["answer"], "right": before[place]["right"]}] if before else []
        said += [
            {"step": row["step"], "answer": row["answers"][place]["answer"], "right": row["answers"][place]["right"]}
            for row in looks
        ]
        st.caption(plain(f"Accepted: {looks[0]['answers'][place]['accepted']}"))
        st.dataframe(pd.DataFrame(said), hide_index=True)
