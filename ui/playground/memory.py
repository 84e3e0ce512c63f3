"""The same text pasted, indexed and trained: what changed for each answer, and what did not."""

import pandas as pd
import streamlit as st

from evaluation.lab.memories import TRAINED, memories, remember
from evaluation.lab.playground import Playground
from model.sampling import Sampling
from ui.playground.ground import LOCK


def _taught(ground: Playground) -> tuple[str, str]:
    """A text and a question about it: in a training of the lab its first sentence, else one that no model knows."""
    trained = {question.fact_id for question in ground.plan.training}
    asked = (question for question in ground.domain.split("test") if question.evidence)
    first = next((question for question in asked if question.fact_id in trained), None)
    if ground.is_lab and first:
        return first.evidence[0], first.question
    return "The harbour cat is called Barnacle and sleeps in the ticket office.", "What is the harbour cat called?"


def memory(ground: Playground, sampling: Sampling, chosen: str) -> None:
    """A button for each way; the answers below each other."""
    st.caption(
        "The same text in four ways. Press them in turn and compare what changed."
        if ground.is_lab
        else "The same text in three ways. Press them in turn and compare what changed. The page Lab trains on it."
    )
    told, asked = _taught(ground)
    text = st.text_area("Text", told, key=f"memory-text {chosen}")
    question = st.text_input("Question about it", asked, key=f"memory-question {chosen}")
    rows: list[dict[str, str]] = st.session_state.setdefault(f"memory {chosen}", [])
    with st.container(horizontal=True):
        for way in memories(ground):
            if (way not in TRAINED.values() or text == told) and st.button(way):
                with LOCK, st.spinner("Asking"):
                    answer, changed = remember(ground, way, text, question, sampling)
                rows.append(
                    {"what you did": way, "answer": answer, "what changed": changed,
                     "fingerprint of the model": ground.fingerprint[:12]}
                )  # fmt: skip
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, column_config={"what changed": st.column_config.Column(width="large")},
            alt="What was done, answered and changed",
        )  # fmt: skip
        if len({row["fingerprint of the model"] for row in rows}) == 1:
            st.caption("The fingerprint is the same in every line: no weight of the model has changed.")
