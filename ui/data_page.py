"""Documents and questions of a domain: what is asked, where it stands, what could be known; uploads and drafts."""

from pathlib import Path

import pandas as pd
import streamlit as st

from data.documents import MAX_BYTES, read_documents
from data.findings import counted
from data.gold import GoldPassages
from data.leaks import find_leaks
from data.load import DRAFTS, load_domain
from data.mentions import Mentions
from data.schema import Document, Domain, Question
from data.upload import ACCEPTED, change_question, folder_for, take_in
from evaluation.drafting.review import decide, read_drafts
from ui.choose import Workspace, pick_line, show_errors, titled, workspace
from ui.jobs import start
from ui.text import marked, plain

NEW = "a new domain"


@show_errors
def data_page() -> None:
    """Choose a domain: questions, documents, leaks, drafts; or add files to one."""
    space = workspace()
    found = space.domains()
    beside = titled("Documents and questions")
    for said, text in st.session_state.pop("upload_said", []):
        (st.success if said == "success" else st.warning)(plain(text))
    if not found:
        st.info("There is no domain here yet. Upload documents or a file of questions.", icon=":material/upload_file:")
        return _upload(space, found)
    names = [space.name(path) for path in found]
    kept = st.session_state.get("kept_domain")
    place = names.index(kept) if kept in names else 0
    chosen = beside.selectbox("Domain", names, index=place, help="Folders with documents/ in this workspace.")
    st.session_state["kept_domain"] = chosen
    folder = found[names.index(chosen)]
    questions, documents, drafts, upload = st.tabs(["Questions", "Documents", "Drafts", "Upload"])
    with upload:
        _upload(space, found)
    with drafts:
        _drafts(space, folder)
    if (folder / "questions.jsonl").exists() or (folder / "questions.csv").exists():
        domain = _domain(folder, _changed(folder))
        with questions:
            _questions(domain)
        with documents:
            _documents(list(domain.documents), domain.questions)
    else:
        questions.info(
            "This domain has no questions yet. Upload a file of them, or have some drafted on the tab Drafts."
        )
        with documents:
            _documents(list(read_documents(folder / "documents")), ())


def _changed(folder: Path) -> float:
    """Time of the last change of anything that a domain is read from."""
    return max(path.stat().st_mtime for path in (folder, *folder.glob("*"), *folder.glob("documents/**/*")))


@st.cache_resource(show_spinner="Reading the domain", max_entries=4)
def _domain(folder: Path, changed: float) -> Domain:
    return load_domain(folder)


@st.cache_data(show_spinner="Looking for leaks", max_entries=4)
def _checked(folder: Path, changed: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Questions with what each method could know of them, and the leaks."""
    domain = _domain(folder, changed)
    mentions, gold = Mentions(domain.documents), GoldPassages.of_documents(domain.documents)
    facts = domain.trained_facts or None
    rows = []
    for question in domain.questions:
        said = question.answerable and mentions.any_says(question.answers, question.document_ids or None)
        rows.append({
            "question": question.question, "accepted": " | ".join(question.answers),
            "documents say it": said, "training covers it": question.answerable and question.covered_by(facts),
            "has a gold passage": bool(gold.of(question)), "kind": str(domain.category(question)),
            "split": question.split, "id": question.id,
        })  # fmt: skip
    test = domain.split("test")
    text = {question.id: question.question for question in domain.questions}
    leaks = [
        {"kind": leak.kind, "test": text[leak.test_id], "trained": text[leak.train_id]}
        for leak in find_leaks(domain.split("train"), test, domain.documents)
    ]
    return pd.DataFrame(rows), pd.DataFrame(leaks)


def _questions(domain: Domain) -> None:
    frame, leaks = _checked(domain.folder, _changed(domain.folder))
    left, right = st.columns([1, 2])
    split = left.selectbox("Split", ["test", "train", "all"], help="Only test questions are asked and scored.")
    text = right.text_input("Contains", key="question-text").casefold()
    shown = frame if split == "all" else frame[frame["split"] == split]
    shown = shown[(shown["question"] + " " + shown["accepted"]).str.casefold().str.contains(text, regex=False)]
    counts = shown["kind"].value_counts()
    kinds = ", ".join(f"{n} {kind}" for kind, n in counts.items())
    st.caption(plain(f"{counted(len(shown), 'question')}{': ' if kinds else ''}{kinds}. Click one to edit it."))
    line = pick_line(
        shown,
        list(shown["id"]),
        f"questions-{domain.folder.name}",
        height=min(420, 38 + 35 * max(1, len(shown))),
        column_config={
            "question": st.column_config.TextColumn(width=340),
            "accepted": st.column_config.TextColumn(width=180),
            "documents say it": st.column_config.CheckboxColumn(
                help="A document contains an accepted answer, so rag and inject could find it."
            ),
            "training covers it": st.column_config.CheckboxColumn(help="Its fact is trained, so lora could know it."),
            "has a gold passage": st.column_config.CheckboxColumn(
                help="Its document contains its evidence or an accepted answer, so oracle can be given the passage."
            ),
        },
    )
    if leaks.empty:
        st.success("No leak: no test question is in the training set, even with names and values swapped.",
                   icon=":material/verified:")  # fmt: skip
    else:
        st.error(f"{counted(len(leaks), 'test question')} in the training set, word for word or nearly so.")
        st.dataframe(leaks, hide_index=True)
    if line is not None:
        identity = shown["id"].iloc[line]
        _open(domain, next(question for question in domain.questions if question.id == identity))


def _open(domain: Domain, question: Question) -> None:
    """One question to be edited, above its documents with the evidence marked."""
    with st.form(f"edit-{question.id}"):
        text = st.text_input("Question", question.question)
        answers = st.text_input("Accepted answers, separated by |", " | ".join(question.answers))
        if st.form_submit_button("Save"):
            change_question(domain.folder, question.id, text, [a.strip() for a in answers.split("|") if a.strip()])
            st.rerun()
    for name in question.document_ids:
        document = domain.document(name)
        st.caption(plain(f"{document.title} ({name})"))
        st.html(marked(document.text, question.evidence or question.answers))


def _documents(documents: list[Document], questions: tuple[Question, ...]) -> None:
    asked = pd.Series([name for q in questions for name in q.document_ids], dtype=str).value_counts()
    frame = pd.DataFrame([
        {"document": d.id, "title": d.title, "characters": len(d.text), "questions": int(asked.get(d.id, 0))}
        for d in documents
    ])  # fmt: skip
    st.caption(f"{counted(len(documents), 'document')}. Click one to read it with its evidence marked.")
    line = pick_line(frame, [document.id for document in documents], "documents")
    if line is not None:
        document = documents[line]
        quotes = [quote for q in questions if document.id in q.document_ids for quote in q.evidence]
        st.html(marked(document.text, quotes))


def _drafts(space: Workspace, folder: Path) -> None:
    """Drafted questions, one at a time; and the button that has some written."""
    drafts = read_drafts(folder) if (folder / DRAFTS).exists() else []
    if drafts:
        draft = drafts[0]
        st.caption(plain(f"{counted(len(drafts), 'draft')} to review. This one is from {draft['document_ids'][0]}."))
        st.html(marked(draft["evidence"], draft["answers"]))
        question = st.text_input("Question", draft["question"], key=f"draft-{draft['id']}")
        st.text(f"Answer: {draft['answers'][0]}")
        accept, reject, _ = st.columns([1, 1, 4])
        if accept.button("Accept", type="primary"):
            edited = {"edited": True} if question != draft["question"] else {}
            decide(folder, draft | {"question": question, "meta": draft["meta"] | edited}, True)
            st.rerun()
        if reject.button("Reject"):
            decide(folder, draft, False)
            st.rerun()
        return
    st.caption(
        "A model drafts questions from the documents and checks them. You then accept or reject each one. Drafting "
        "takes minutes."
    )
    facts = st.number_input("Maximum number of facts", 5, 2000, 100)
    if st.button("Draft questions"):
        start(space.runs, f"drafts for {folder.name}", ["init", str(folder), "--facts", str(facts)], folder, space.root)
        st.success("Started. The page Runs shows how far it is.", icon=":material/play_arrow:")


def _upload(space: Workspace, found: list[Path]) -> None:
    """Files into a domain of this workspace."""
    with st.form("upload", enter_to_submit=False):
        into = st.selectbox("Add to", [NEW, *(space.name(path) for path in found)])
        name = st.text_input("Name of the new domain", "my-domain")
        files = st.file_uploader(
            "Documents or files of questions", accept_multiple_files=True, max_upload_size=MAX_BYTES // 2**20,
            help=f"{' '.join(ACCEPTED)}, up to {MAX_BYTES // 2**20} MiB each. A CSV of questions has the columns "
            "question and answer.",
        )  # fmt: skip
        sent = st.form_submit_button("Upload", type="primary")
    if sent and not files:
        st.warning("Choose at least one file.")
    elif sent:
        folder = folder_for(space.root, name.strip()) if into == NEW else space.root / into
        outcome = take_in([(file.name, file.getvalue()) for file in files], folder)
        st.session_state["kept_domain"] = space.name(folder)
        came = f"{counted(len(outcome.documents), 'document')} and {counted(outcome.questions, 'question')}"
        said = [("success", f"{folder.name}: {came} added.")]
        if outcome.known:
            said.append(("warning", f"Already there, so not added again: {counted(outcome.known, 'question')}."))
        said += [("warning", f"{skipped}: skipped, {reason}") for skipped, reason in outcome.skipped.items()]
        if outcome.left_out:
            said.append(("warning", f"Left out: {counted(len(outcome.left_out), 'row')}."))
        said += [("warning", str(finding)) for finding in [*outcome.left_out[:10], *outcome.notes[:10]]]
        st.session_state["upload_said"] = said  # the page is drawn again, with this domain chosen
        st.rerun()
