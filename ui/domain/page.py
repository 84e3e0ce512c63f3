"""Documents and questions of a domain: what is asked, where it stands, what could be known; uploads and drafts."""

from pathlib import Path

import streamlit as st

from data.documents import read_documents
from ui.domain.check import show_check
from ui.domain.documents import show_documents
from ui.domain.drafts import show_drafts
from ui.domain.questions import show_questions
from ui.domain.reading import changed, domain_of, has_questions
from ui.domain.upload import told, upload
from ui.header import titled
from ui.links import keep, kept_one
from ui.reading import show_errors
from ui.text import plain
from ui.workspace import Workspace, workspace

TABS = ("Questions", "Documents", "Drafts", "Check", "Upload")


@show_errors
def data_page() -> None:
    """Choose a domain: questions, documents, leaks, drafts, the check before a run; or add files to one."""
    space = workspace()
    found = {space.name(path): path for path in space.domains()}
    beside = titled("Documents and questions")
    if not found:
        st.info("There is no domain here yet. Upload documents or a file of questions.", icon=":material/upload_file:")
        upload(space, [])
        return
    asked = kept_one("domain")
    st.session_state["domain-choice"] = asked if asked in found else None if asked else next(iter(found))
    chosen = beside.selectbox(
        "Domain", list(found), key="domain-choice", placeholder="Choose a domain",
        help="Folders with documents/ in this workspace.",
        on_change=lambda: keep("domain", [st.session_state["domain-choice"]]),
    )  # fmt: skip
    if chosen is None:
        st.warning(plain(f"There is no domain '{asked}' here. Choose one above."))
        return
    keep("domain", [chosen])
    told(space, found[chosen])
    _tabs(space, found[chosen], list(found))


def _tabs(space: Workspace, folder: Path, names: list[str]) -> None:
    """Only the tab that is open is computed."""
    questions, documents, drafts, check, uploads = st.tabs(TABS, key="tab", on_change="rerun", bind="query-params")
    ready = has_questions(folder)
    with questions:
        if questions.open and ready:
            show_questions(domain_of(folder, changed(folder)))
        elif questions.open:
            st.info("This domain has no questions yet. Upload a file of them, or have some drafted (tab Drafts).")
    with documents:
        if documents.open and ready:
            domain = domain_of(folder, changed(folder))
            show_documents(domain.documents, domain.questions)
        elif documents.open:
            show_documents(tuple(read_documents(folder / "documents")), ())
    with drafts:
        if drafts.open:
            show_drafts(space, folder)
    with check:
        if check.open:
            show_check(space, folder)
    with uploads:
        if uploads.open:
            upload(space, names)
