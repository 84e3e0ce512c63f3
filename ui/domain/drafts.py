"""Drafted questions, accepted or rejected one at a time; and the button that has some written."""

from pathlib import Path

import streamlit as st

from data.findings import counted
from data.load import DRAFTS
from evaluation.drafting.review import decide, read_drafts
from evaluation.jobs.job import start
from ui.links import go
from ui.text import marked, plain
from ui.workspace import Workspace


def show_drafts(space: Workspace, folder: Path) -> None:
    """The next draft that waits, else the button."""
    drafts = read_drafts(folder) if (folder / DRAFTS).exists() else []
    if not drafts:
        _offer(space, folder)
        return
    draft = drafts[0]
    st.caption(plain(f"{counted(len(drafts), 'draft')} to review. This one is from {draft['document_ids'][0]}."))
    st.html(marked(draft["evidence"], draft["answers"]))
    question = st.text_input("Question", draft["question"], key=f"draft-{draft['id']}")
    st.text(f"Answer: {draft['answers'][0]}")
    with st.container(horizontal=True):
        if st.button("Accept", type="primary"):
            edited = {"edited": True} if question != draft["question"] else {}
            decide(folder, draft | {"question": question, "meta": draft["meta"] | edited}, True)
            st.rerun()
        if st.button("Reject"):
            decide(folder, draft, False)
            st.rerun()


def _offer(space: Workspace, folder: Path) -> None:
    st.caption(
        "A model drafts questions from the documents and checks them. You then accept or reject each one. Drafting "
        "takes minutes."
    )
    facts = st.number_input("Maximum number of facts", 5, 2000, 100, width=240)
    if st.button("Draft questions"):
        draft_questions(space, folder, int(facts))


def draft_questions(space: Workspace, folder: Path, facts: int) -> None:
    """Start the drafting as a job, and show it."""
    start(space.runs, f"drafts for {folder.name}", ["init", str(folder), "--facts", str(facts)], folder, space.root)
    go("runs")
