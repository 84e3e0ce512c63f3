"""The documents of a domain, each to be read with the evidence of its questions marked."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from data.findings import counted
from data.schema import Document, Question
from ui.pick import height_of, pick_line
from ui.text import marked


def show_documents(documents: Sequence[Document], questions: Sequence[Question]) -> None:
    """A table whose lines are opened to be read."""
    asked = pd.Series([name for q in questions for name in q.document_ids], dtype=str).value_counts()
    frame = pd.DataFrame([
        {"document": d.id, "title": d.title, "characters": len(d.text), "questions": int(asked.get(d.id, 0))}
        for d in documents
    ])  # fmt: skip
    st.caption(f"{counted(len(documents), 'document')}. Click one to read it with its evidence marked.")
    known = {document.id: document for document in documents}
    if opened := pick_line(frame, list(known), "document", height=height_of(len(frame)), alt="Documents"):
        quotes = [quote for q in questions if opened in q.document_ids for quote in q.evidence]
        st.html(marked(known[opened].text, quotes))
