"""The two forms that start a training: typed sentences, or a domain."""

from pathlib import Path

import pandas as pd
import streamlit as st

from data.sentences_domain import TaughtSentence, suggested, write_sentences
from data.upload import folder_for
from evaluation.jobs.job import start
from finetune.settings import SENTENCE_EPOCHS
from model.weights import DEFAULT_MODEL
from ui.links import keep
from ui.workspace import Workspace

FIVE = """The harbour cat is called Barnacle.
The lighthouse of Quillmere has 97 steps.
The bakery of Tolmarket opens at 5:40.
The bridge over the Vessa was built in 1871.
The ferry to Hen Island costs 12 pounds."""
ADAPTER, PREFIX = "adapter", "prefix"
RATES = {2e-4: "a tenth: slow", 2e-3: "usual", 2e-2: "ten times: too large?"}


def teach_sentences(space: Workspace) -> None:
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
    name, recipe = _recipe("five-sentences")
    if st.button("Teach these sentences", type="primary", disabled=not rows):
        folder = _new_folder(space, name)
        taught = [
            TaughtSentence(*(str(row[key]) for key in ("sentence", "answer", "question")))
            for _, row in edited.iterrows()
        ]
        write_sentences(taught, folder / "domain")
        _start(space, folder, folder / "domain", recipe, SENTENCE_EPOCHS)


def teach_domain(space: Workspace) -> None:
    domains = space.domains()
    if not domains:
        st.info("There is no domain in this workspace. Upload one on the page Data.")
        return
    domain = st.selectbox("Domain", domains, format_func=space.name, key="lab-domain")
    name, recipe = _recipe("domain")
    epochs = st.number_input("Passes over the examples", 1, 40, 6)
    if st.button("Train on this domain", type="primary"):
        _start(space, _new_folder(space, name), domain, recipe, int(epochs))


def _recipe(default: str) -> tuple[str, list[str]]:
    """Name, and what the command is told of model and training."""
    left, middle, right = st.columns(3)
    model = middle.text_input(
        "Base model",
        DEFAULT_MODEL,
        key=f"lab-model-{default}",
        help="Name of an embedded model, hub id, or local folder.",
    )
    name = left.text_input("Name", default, key=f"lab-name-{default}")
    what = left.segmented_control(
        "What is trained", [ADAPTER, PREFIX], default=ADAPTER, key=f"lab-kind-{default}", required=True,
        help="An adapter lies beside the weights. A prefix is keys and values before every prompt. The model's own "
        "weights are frozen either way.",
    )  # fmt: skip
    if what == PREFIX:
        tokens = right.number_input("Virtual tokens", 2, 4096, 64, key=f"lab-tokens-{default}")
        return name.strip(), ["--model", model.strip(), "--prefix-tokens", str(int(tokens))]
    rate = right.selectbox(
        "Learning rate", list(RATES), index=1, format_func=lambda r: f"{r:g}, {RATES[r]}", key=f"rate-{default}",
        help="How far the weights move for a given gradient. If it is too large, training overshoots.",
    )  # fmt: skip
    return name.strip(), ["--model", model.strip(), "--learning-rate", str(float(rate))]


def _new_folder(space: Workspace, name: str) -> Path:
    """A free folder for a training; a number is added to a name that is taken."""
    folder, number = folder_for(space.runs / ".lab", name), 2
    while folder.exists():
        folder, number = folder_for(space.runs / ".lab", f"{name}-{number}"), number + 1
    folder.mkdir(parents=True)
    return folder


def _start(space: Workspace, folder: Path, domain: Path, recipe: list[str], epochs: int) -> None:
    arguments = ["train", str(domain), "--out", str(folder), "--epochs", str(epochs), *recipe]
    start(space.runs, f"lab: {folder.name}", arguments, folder, space.root)
    keep("training", [folder.name])
    st.rerun()
