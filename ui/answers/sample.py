"""Label a sample blind: one answer after the other, whose method and grade are not shown."""

import streamlit as st

from evaluation.grading.labels import draw
from evaluation.run.folder import RunFolder
from ui.answers.keys import on_key
from ui.answers.person import say, take_back_last
from ui.text import marked, plain


def label_sample(folder: RunFolder) -> None:
    """The next answer that nobody has judged, with the buttons r, w and u."""
    st.caption("You see one answer at a time, without its method or grade. How well the grader agrees with you is "
               "shown below. Keys: r right, w wrong, u undo.")  # fmt: skip
    size = int(st.number_input(
        "Sample size", 5, 500, 40, key="sample", bind="query-params", width=200,
        help="Answers drawn at random. 40 give a first impression.",
    ))  # fmt: skip
    todo = draw(folder, size, 0, False)
    on_key(["r", "w", "u"], lambda key: _act(folder, size, key))
    if todo:
        question, answer = todo[0]
        st.progress(1 - len(todo) / max(len(todo), size), f"{len(todo)} to go")
        st.header(plain(question.question), anchor=False)
        st.text(f"Accepted: {' | '.join(question.answers)}")
        for quote in question.evidence:
            st.html(marked(quote, question.answers))
        st.text(f"Answer: {answer or '(nothing)'}")
    else:
        st.success("The whole sample is labelled. Grade again, or draw a larger sample.", icon=":material/check:")
    with st.container(horizontal=True):
        for key, label in (("r", "Right"), ("w", "Wrong")):
            st.button(label, key=f"sample-{key}", on_click=_act, args=(folder, size, key), disabled=not todo)
        st.button("Undo", key="sample-u", on_click=_act, args=(folder, size, "u"), type="tertiary")


def _act(folder: RunFolder, size: int, key: str) -> None:
    """Judge the answer that is shown, which is the first that is left, or take back the last one."""
    if key == "u":
        return take_back_last(folder)
    if todo := draw(folder, size, 0, False):
        question, answer = todo[0]
        say(folder, (question.id, answer), key == "r", "sample")
