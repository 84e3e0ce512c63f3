"""Files into a domain of the workspace: what is not read is named, and then what can be done with the rest."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from data.documents import MAX_BYTES
from data.findings import counted
from data.import_source import Outcome
from data.upload import ACCEPTED, folder_for, take_in
from ui.domain.drafts import draft_questions
from ui.domain.reading import has_questions
from ui.links import go, keep
from ui.text import plain
from ui.workspace import Workspace

NEW = "a new domain"
SHOWN = 20  # rows and notes that are named one by one
FACTS = 100  # that are drafted at most when nobody says how many
_FORM = "A table of questions (.csv, .xlsx, .jsonl) has the columns question and answer; more columns are read, too."


def upload(space: Workspace, names: Sequence[str]) -> None:
    """The form. Args: names: of the domains that there are."""
    with st.form("upload", enter_to_submit=False):
        into = st.selectbox("Add to", [NEW, *names])
        name = st.text_input("Name of the new domain", "my-domain")
        files = st.file_uploader(
            "Documents or files of questions", accept_multiple_files=True, max_upload_size=MAX_BYTES // 2**20,
            help=f"{' '.join(ACCEPTED)}, up to {MAX_BYTES // 2**20} MiB each.",
        )  # fmt: skip
        st.caption(f"{_FORM} Other files are skipped and named.")
        sent = st.form_submit_button("Upload", type="primary")
    if sent and not files:
        st.warning("Choose at least one file.")
    elif sent:
        folder = folder_for(space.root, name.strip()) if into == NEW else space.root / into
        outcome = take_in([(file.name, file.getvalue()) for file in files], folder)
        st.session_state["upload_said"] = _said(folder, outcome)
        keep("domain", [space.name(folder)])
        st.rerun()  # with this domain chosen


def _said(folder: Path, outcome: Outcome) -> list[tuple[str, str]]:
    """What came in, and what did not."""
    came = f"{counted(len(outcome.documents), 'document')} and {counted(outcome.questions, 'question')}"
    said = [("success", f"{folder.name}: {came} added.")]
    if outcome.known:
        said.append(("warning", f"Already there, so not added again: {counted(outcome.known, 'question')}."))
    said += [("warning", f"{skipped}: skipped, {reason}") for skipped, reason in outcome.skipped.items()]
    if outcome.left_out:
        said.append(("warning", f"Left out: {counted(len(outcome.left_out), 'row')}."))
    return said + [("warning", str(finding)) for finding in [*outcome.left_out[:SHOWN], *outcome.notes[:SHOWN]]]


def told(space: Workspace, folder: Path) -> None:
    """What the last upload brought, once; and the ways on, until one is taken."""
    said = st.session_state.pop("upload_said", [])
    for kind, text in said:
        (st.success if kind == "success" else st.warning)(plain(text))
    if said:
        st.session_state["came_in"] = str(folder)
    if st.session_state.get("came_in") != str(folder):
        return
    ready = has_questions(folder)
    with st.container(horizontal=True):
        if st.button("Draft questions", type="secondary" if ready else "primary"):
            draft_questions(space, folder, FACTS)
        st.button("Check", on_click=_show, args=("Check",), disabled=not ready)
        if st.button("Run", type="primary" if ready else "secondary", disabled=not ready):
            go("runs", domain=space.name(folder), start="true")


def _show(tab: str) -> None:
    st.session_state["tab"] = tab
