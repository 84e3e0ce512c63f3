"""What a person says of an answer: kept at once, taken back at will, counted when the run is graded again."""

from typing import Literal

import streamlit as st

from data import jsonl
from data.findings import counted
from data.lock import working_in
from evaluation.analysis.graded_run import GradedAnswer
from evaluation.grading.labels import Label, keep_label, not_counted_yet, read_labels, withdraw_label
from evaluation.grading.score import LABELS
from evaluation.report.finish import grade_again
from evaluation.report.sections import grading_sentences
from evaluation.run.folder import RunFolder
from ui.reading import results_of
from ui.text import plain

Key = tuple[str, str]  # id of the question, and the answer word for word
Drawn = Literal["sample", "doubtful"]
_LAST = "labelled_last"  # what was said in this session, the latest at the end


def key_of_answer(judged: GradedAnswer) -> Key:
    return judged.question.id, judged.answer.answer


def said_of(folder: RunFolder) -> dict[Key, Label]:
    """What a person said of answers of this run."""
    return {label.key: label for label in read_labels(folder)}


def say(folder: RunFolder, key: Key, correct: bool, drawn: Drawn) -> None:
    """Keep a person's grade in the place of any that was there."""
    keep_label(folder, Label(question_id=key[0], answer=key[1], correct=correct, drawn=drawn))
    st.session_state.setdefault(_LAST, []).append((str(folder.path), key))


def take_back(folder: RunFolder, key: Key) -> None:
    withdraw_label(folder, key)


def take_back_last(folder: RunFolder) -> None:
    """Undo the last of this session; nothing where there is none."""
    said: list[tuple[str, Key]] = st.session_state.setdefault(_LAST, [])
    for place in reversed(range(len(said))):
        if said[place][0] == str(folder.path):
            withdraw_label(folder, said.pop(place)[1])
            return


def show_labels(folder: RunFolder) -> None:
    """How far the grader agrees with people, and the button that puts into the figures what was said since."""
    path, labels = folder.path / LABELS, read_labels(folder)
    st.divider()
    results = results_of(folder.path)
    grader = results.grader
    for sentence in grading_sentences(results):
        st.caption(plain(sentence))
    if not path.exists() or not (labels or grader.labels or grader.by.get("person")):
        return
    news = not_counted_yet(folder)
    sample = sum(label.drawn == "sample" for label in labels)
    parts = [f"{counted(sample, 'label')} of a sample", f"{counted(len(labels) - sample, 'grade')} overruled"]
    st.caption(plain(f"{', '.join(parts)}. " + ("Not in the figures yet." if news else "The figures hold them.")))
    with st.container(horizontal=True):
        if st.button("Grade again", type="primary" if news else "secondary", disabled=not news):
            with working_in(folder.path, "score"), st.spinner("Grading all answers again"):
                grade_again(folder)
            st.rerun()
        st.download_button(
            "Download the labels", "".join(map(jsonl.dumps, labels)), f"{folder.path.name}-labels.jsonl",
            on_click="ignore",
        )  # fmt: skip
