"""All questions, one column a method; filters; one question opened; grades that a person overrules or gives."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from data.files import read_text
from data.findings import counted
from data.lock import working_in
from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.graded_run import GradedAnswer, GradedRun
from evaluation.grading.labels import draw, read_labels
from evaluation.grading.score import LABELS
from evaluation.report.finish import grade_again
from evaluation.report.sections import grading_sentences
from evaluation.run.folder import RunFolder
from ui.answers_table import add_label, open_question, select_question
from ui.choose import choose_run, graded_run_of, results_of, show_errors, workspace
from ui.text import marked, plain

ALL = "all"


@show_errors
def answers_page() -> None:
    """Two views of a run's answers: to read them, and to label a sample blind."""
    run = choose_run(workspace(), "Answers")
    if run is None:
        return
    graded = graded_run_of(run)
    read, label = st.tabs(["Read and compare", "Label a sample"])
    with read:
        rows = _filtered(graded.answers)
        if found := select_question(rows, f"answers-{run.name}"):
            open_question(graded, *found)
    with label:
        _label_sample(graded)
    _labels(run)


def _filtered(answers: Sequence[GradedAnswer]) -> list[GradedAnswer]:
    """Answers of the questions that pass all filters."""
    top, bottom = st.columns(3), st.columns([2, 1, 1])
    category = top[0].selectbox("Kind of question", [ALL, *dict.fromkeys(j.category for j in answers)])
    causes = [cause for cause in CAUSE_NAMES if any(j.cause == cause for j in answers)]
    cause = top[1].selectbox(
        "Cause of error", [ALL, *causes], format_func=lambda c: c if c == ALL else CAUSE_NAMES[Cause(c)],
        help="Every answer that is not right has one cause, worked out from what the method was given.",
    )  # fmt: skip
    method = top[2].selectbox("Method", [ALL, *dict.fromkeys(j.answer.method for j in answers)])
    text = bottom[0].text_input("Question or answer contains").casefold()
    different = bottom[1].checkbox("Only where methods differ")
    wrong = bottom[2].checkbox("Only with errors")
    questions: dict[tuple[str, str], list[GradedAnswer]] = {}
    for judged in answers:
        questions.setdefault((judged.question.id, judged.answer.phase), []).append(judged)

    def passes(rows: list[GradedAnswer]) -> bool:
        own = [row for row in rows if method in (ALL, row.answer.method)]
        return bool(
            own
            and category in (ALL, rows[0].category)
            and (cause == ALL or any(row.cause == cause for row in own))
            and (not different or len({row.grade for row in rows}) > 1)
            and (not wrong or any(row.cause for row in own))
            and text in " ".join([rows[0].question.question, *(row.answer.answer for row in own)]).casefold()
        )

    return [row for rows in questions.values() if passes(rows) for row in rows]


def _label_sample(graded: GradedRun) -> None:
    """One answer after the other, whose method and grade are not shown."""
    st.caption(
        "You see one answer at a time, without its method or grade. How well the grader agrees with you is shown below."
    )
    size = st.number_input("Sample size", 5, 500, 40, help="Answers drawn at random. 40 give a first impression.")
    todo = draw(graded.folder, int(size), 0, False)
    if not todo:
        st.success("The whole sample is labelled. Grade again, or draw a larger sample.", icon=":material/check:")
        return
    question, answer = todo[0]
    st.progress(1 - len(todo) / max(len(todo), int(size)), f"{len(todo)} to go")
    st.subheader(plain(question.question), anchor=False)
    st.text(f"Accepted: {' | '.join(question.answers)}")
    for quote in question.evidence:
        st.html(marked(quote, question.answers))
    st.text(f"Answer: {answer or '(nothing)'}")
    right, wrong, _ = st.columns([1, 1, 4])
    if right.button("Right", key="sample-right", type="primary"):
        add_label(graded.folder, (question.id, answer), True, "sample")
    if wrong.button("Wrong", key="sample-wrong"):
        add_label(graded.folder, (question.id, answer), False, "sample")


def _labels(run: Path) -> None:
    """What people said so far, how far the grader agrees, and the button that puts it into the figures."""
    folder = RunFolder(run)
    labels = read_labels(folder)
    st.divider()
    for sentence in grading_sentences(results_of(run)):
        st.caption(plain(sentence))
    if labels:
        with st.container(horizontal=True):
            if st.button(f"Grade again with {counted(len(labels), 'label')}", type="primary"):
                with working_in(run, "score"), st.spinner("Grading all answers again"):
                    grade_again(folder)
                st.rerun()
            content = read_text(run / LABELS)
            st.download_button("Download the labels", content, f"{run.name}-labels.jsonl", on_click="ignore")
