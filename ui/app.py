"""First page of the app: choose a run, see who answered what, and how sure that is.

Started by `trivium ui`; reads run folders and computes nothing of its own.
"""

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data.errors import TriviumError
from evaluation.charts import accuracy_chart, category_chart, cost_chart, ownership_chart
from evaluation.cost_page import cost_sentences, cost_table, ownership_table
from evaluation.report_tables import all_tables, grading_sentences
from evaluation.run_folder import RunFolder
from evaluation.table import COLUMNS, table_rows

GRADE_MARKS = {"correct": "✓", "wrong": "✗", "abstained": "–", "unscored": "?"}
ONLY_DIFFERENT = "only where methods differ"


def finished_runs(folder: Path) -> list[Path]:
    """Runs that have results, the newest first."""
    found = folder.glob("*/results.json")
    return [path.parent for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


@st.cache_data(show_spinner="reading the answers")
def answers_frame(run: Path, changed: float) -> pd.DataFrame:
    """One row a question: its text, category and accepted answer, then each method's marked answer.

    `changed` is the time of the last change, so that a run that was scored again is read again.
    """
    folder = RunFolder(run)
    questions = {row["id"]: row for row in folder.rows("questions.jsonl")}
    grades = {
        (row["method"], row["question_id"]): row["grade"]
        for row in folder.rows("scores.jsonl")
        if row["phase"] == "main"
    }
    first_seed = {name: min(map(int, entries)) for name, entries in folder.record()["methods"].items()}
    rows: dict[str, dict[str, Any]] = {}
    for answer in folder.answers():
        if answer.phase != "main" or ("lora" in answer.method and answer.seed != first_seed[answer.method]):
            continue
        question = questions[answer.question_id]
        accepted = question["answers"][0] if question["answers"] else "(no document answers it)"
        row = rows.setdefault(
            answer.question_id,
            {"category": question["category"], "question": question["question"], "accepted": accepted},
        )
        grade = grades[answer.method, answer.question_id]
        row[answer.method] = f"{GRADE_MARKS[grade]} {answer.answer}"
    return pd.DataFrame(rows.values())


def show_answers(run: Path, methods: list[str]) -> None:
    """The answers side by side, to be narrowed by category, text and difference."""
    frame = answers_frame(run, (run / "scores.jsonl").stat().st_mtime)
    left, middle, right = st.columns([2, 2, 1])
    category = left.selectbox("Category", ["all", *frame["category"].unique()])
    text = middle.text_input("Question contains")
    different = right.checkbox(ONLY_DIFFERENT)
    if category != "all":
        frame = frame[frame["category"] == category]
    if text:
        frame = frame[frame["question"].str.contains(text, case=False, regex=False)]
    if different:
        marks = frame[methods].map(lambda cell: str(cell)[:1], na_action="ignore")
        frame = frame[marks.nunique(axis=1) > 1]
    st.caption(f"{len(frame)} questions. ✓ correct, ✗ wrong, – said unknown, ? not graded")
    st.dataframe(frame, hide_index=True, width="stretch")


def show_run(run: Path) -> None:
    """Verdict, table, charts and answers of one run."""
    results = RunFolder(run).results()
    model, domain = results["model"], results["domain"]
    st.caption(
        f"{domain['n_asked']} questions about {domain['n_documents']} documents, {model['name']} on {model['device']}, "
        f"profile {results['run']['profile']}, {results['run']['created'][:10]}"
    )
    st.info(results["verdict"]["summary"])
    rows = table_rows(results)
    st.dataframe(pd.DataFrame(rows, columns=list(COLUMNS)), hide_index=True, width="stretch")
    with st.expander("Why"):
        for reason in results["verdict"]["reasons"]:
            st.text(reason)
    left, right = st.columns(2)
    left.altair_chart(accuracy_chart(results), width="content")
    right.altair_chart(cost_chart(results), width="content")
    st.altair_chart(category_chart(results), width="content")
    for table in [*all_tables(results), cost_table(results["costs"]), ownership_table(results["costs"])]:
        st.subheader(table.title)
        st.dataframe(pd.DataFrame(table.rows, columns=list(table.columns)), hide_index=True, width="stretch")
        st.caption(table.note)
    st.altair_chart(ownership_chart(results["costs"]), width="content")
    for sentence in cost_sentences(results["costs"]):
        st.caption(sentence.replace("$", "\\$"))
    for sentence in grading_sentences(results):
        st.caption(sentence)
    st.subheader("Answers side by side")
    show_answers(run, list(results["methods"]))


def page(runs: Path) -> None:
    """The whole page."""
    st.set_page_config(page_title="Trivium", layout="wide")
    st.title("Trivium: which road answers?")
    found = finished_runs(runs)
    if not found:
        st.warning(f"There is no finished run in {runs}. Make one with: trivium run data/orrin_ferries --profile smoke")
        return
    chosen = st.selectbox("Run", found, format_func=lambda path: path.name)
    try:
        show_run(chosen)
    except (TriviumError, OSError, KeyError) as error:
        st.error(f"This run cannot be read: {error}")


page(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("runs"))
