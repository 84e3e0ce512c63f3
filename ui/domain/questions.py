"""The questions of a domain: found, looked at, edited; and whether training has seen one that is tested."""

import streamlit as st

from data.findings import counted
from data.schema import Domain, Question
from data.upload import change_question
from ui.domain.reading import changed, knowable
from ui.pick import height_of, pick_line
from ui.text import marked, plain

_COLUMNS = ("question", "documents say it", "training covers it", "passage known", "accepted", "kind")


def show_questions(domain: Domain) -> None:
    """A table whose lines are opened to be edited."""
    frame, leaks = knowable(domain.folder, changed(domain.folder))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.selectbox("Split", ["test", "train", "all"], key="split", bind="query-params", width=140,
                             help="Only test questions are asked and scored.")  # fmt: skip
        text = st.text_input("Contains", key="contains", bind="query-params", width=300).casefold()
    shown = frame if split == "all" else frame[frame["split"] == split]
    shown = shown[(shown["question"] + " " + shown["accepted"]).str.casefold().str.contains(text, regex=False)]
    kinds = ", ".join(f"{n} {kind}" for kind, n in shown["kind"].value_counts().items())
    st.caption(plain(f"{counted(len(shown), 'question')}{': ' if kinds else ''}{kinds}. Click one to edit it."))
    narrow, wide = st.column_config.CheckboxColumn, st.column_config.TextColumn
    opened = pick_line(
        shown, list(shown["id"]), "edited", height=height_of(len(shown)), column_order=_COLUMNS, alt="Questions",
        column_config={
            "documents say it": narrow(width=125, help="A document contains an accepted answer, so rag and inject "
                                       "could find it."),
            "training covers it": narrow(width=125, help="Its fact is trained, so lora could know it."),
            "passage known": narrow(width=125, help="Its document contains its evidence or an accepted answer, so "
                                    "oracle can be given the passage."),
            "question": wide(width=360), "accepted": wide(width=180), "kind": wide(width=170),
        },
    )  # fmt: skip
    if leaks.empty:
        st.success("No leak: no test question is in the training set, even with names and values swapped.",
                   icon=":material/verified:")  # fmt: skip
    else:
        st.error(f"{counted(len(leaks), 'test question')} in the training set, word for word or nearly so.")
        st.dataframe(leaks, hide_index=True)
    if opened:
        edit_question(domain, next(question for question in domain.questions if question.id == opened))


def edit_question(domain: Domain, question: Question) -> None:
    """One question to be edited, above its documents with the evidence marked."""
    with st.form(f"edit-{question.id}"):
        text = st.text_input("Question", question.question)
        shown = " | ".join(question.answers)
        typed = st.text_input("Accepted answers, separated by |", shown)
        st.caption(plain(f"{question.id}, {question.split}"))
        if st.form_submit_button("Save"):
            split = [part.strip() for part in typed.split("|") if part.strip()]
            answers = question.answers if typed == shown else split  # an accepted form may hold the mark itself
            change_question(domain.folder, question.id, text, answers)
            st.rerun()
    for name in question.document_ids:
        document = domain.document(name)
        st.caption(plain(f"{document.title} ({name})"))
        st.html(marked(document.text, question.evidence or question.answers))
