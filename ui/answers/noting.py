"""A star, tags and a note on a question or on a run, kept beside the run."""

import streamlit as st

from evaluation.grading.notes import Note, keep_note, read_notes
from evaluation.run.folder import RunFolder


def edit_note(folder: RunFolder, question: str = "", phase: str = "") -> None:
    """The note on a question, or on the run itself; what is typed is on the disk before the page goes on."""
    notes = read_notes(folder)
    note = notes.get((question, phase), Note(question_id=question, phase=phase))
    tags = sorted({tag for one in notes.values() for tag in one.tags})
    name = f"{folder.path.name}-{question}-{phase}"

    def keep() -> None:
        keep_note(folder, Note(
            question_id=question, phase=phase, text=" ".join(st.session_state[f"note-{name}"].split()),
            tags=tuple(tag.strip() for tag in st.session_state[f"tags-{name}"] if tag.strip()),
            starred=bool(st.session_state[f"star-{name}"]),
        ))  # fmt: skip

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.checkbox("Star", note.starred, key=f"star-{name}", on_change=keep)
        st.multiselect("Tags", tags, note.tags, key=f"tags-{name}", on_change=keep, accept_new_options=True, width=260)
        st.text_input("Note", note.text, key=f"note-{name}", on_change=keep, max_chars=2000, width=360)
