"""A domain as the page reads it, kept in memory until one of its files changes."""

from pathlib import Path

import pandas as pd
import streamlit as st

from data.gold import GoldPassages
from data.leaks import find_leaks
from data.load import load_domain
from data.mentions import Mentions
from data.schema import Domain
from evaluation.words import kind_words


def has_questions(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("questions.jsonl", "questions.csv"))


def changed(folder: Path) -> float:
    """Time of the last change of anything that a domain is read from."""
    return max(path.stat().st_mtime for path in (folder, *folder.glob("*"), *folder.glob("documents/**/*")))


@st.cache_resource(show_spinner="Reading the domain", max_entries=4)
def domain_of(folder: Path, changed: float) -> Domain:
    """The domain as it is after that change."""
    return load_domain(folder)


@st.cache_data(show_spinner="Looking for leaks", max_entries=4)
def knowable(folder: Path, changed: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Questions with what each method could know of them, and the leaks."""
    domain = domain_of(folder, changed)
    mentions, gold = Mentions(domain.documents), GoldPassages.of_documents(domain.documents)
    facts = domain.trained_facts or None
    rows = []
    for question in domain.questions:
        said = question.answerable and mentions.any_says(question.answers, question.document_ids or None)
        rows.append({
            "question": question.question, "accepted": " | ".join(question.answers),
            "documents say it": said, "training covers it": question.answerable and question.covered_by(facts),
            "passage known": bool(gold.of(question)), "kind": kind_words(domain.category(question)),
            "split": question.split, "id": question.id,
        })  # fmt: skip
    text = {question.id: question.question for question in domain.questions}
    leaks = [
        {"kind": leak.kind, "test": text[leak.test_id], "trained": text[leak.train_id]}
        for leak in find_leaks(domain.split("train"), domain.split("test"), domain.documents)
    ]
    return pd.DataFrame(rows), pd.DataFrame(leaks)
