"""One question opened: what was asked, the evidence, and each method's answer beside the others."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.findings import counted
from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.graded_run import GradedAnswer, GradedRun
from evaluation.run.registry import spec_of
from evaluation.words import kind_words
from ui.answers.person import key_of_answer, said_of, say, take_back
from ui.differences import differences
from ui.grades import head
from ui.text import marked, plain

FOCUS = "judge"  # the method whose answer the keys r and w judge


def open_question(graded: GradedRun, answers: Sequence[GradedAnswer], writable: bool) -> None:
    """Everything about one question.

    Args:
        writable: whether grades may be overruled here.
    """
    _asked(answers[0])
    methods = [judged.answer.method for judged in answers]
    if writable and answers[0].question.answerable:
        st.segmented_control(
            "Keys r, w and u judge", methods, default=methods[0], key=FOCUS, bind="query-params", required=True
        )
    places = [place for _ in range(0, len(answers), 2) for place in st.columns(2)]
    for place, judged in zip(places, answers, strict=False):
        with place.container(border=True):
            _answer(graded, judged, writable)
    if len(answers) > 1:
        _compare({judged.answer.method: judged.answer.answer for judged in answers})


def _asked(judged: GradedAnswer) -> None:
    question = judged.question
    st.header(plain(question.question), anchor=False)
    accepted = " | ".join(question.answers) or "nothing: no document answers it, so the right reply is “unknown”"
    st.text(f"Accepted: {accepted}")
    documents = ", ".join(question.document_ids)
    st.caption(plain(f"{kind_words(judged.category)}{f', stated in {documents}' if documents else ''}"))
    for quote in question.evidence:
        st.html(f'<div class="evidence">{marked(quote, question.answers)}</div>')


def _answer(graded: GradedRun, judged: GradedAnswer, writable: bool) -> None:
    answer = judged.answer
    st.html(head(judged, spec_of(answer.method).colour))
    st.text(answer.answer or "(nothing)")
    st.caption(plain(_why(judged)), help=_grading(judged))
    _passages(graded, judged)
    if writable and judged.question.answerable and answer.answer:
        _judge(graded, judged)


def _why(judged: GradedAnswer) -> str:
    """The one reason that explains it: its cause, else what the grader saw."""
    if judged.cause:
        return f"{CAUSE_NAMES[Cause(judged.cause)].capitalize()}."
    return f"{str(judged.score['reason']).capitalize()}."


def _grading(judged: GradedAnswer) -> str:
    """Who graded it, by what, how sure, and what it took."""
    answer, chance = judged.answer, judged.score.get("probability")
    likely = "" if chance is None else f" Estimated chance that a person accepts it: {chance:.0%}."
    tokens = f"{answer.prompt_tokens:,} tokens in ({answer.cached_tokens:,} cached), {answer.completion_tokens} out"
    told = tokens if answer.tokens_known else "tokens: n/a, your system did not tell them"
    took = f"{answer.generation_s + answer.retrieval_s:.2f} s in its batch"
    return plain(f"Graded by {judged.score['by']}: {judged.score['reason']}.{likely} {told}; {took}.")


def _passages(graded: GradedRun, judged: GradedAnswer) -> None:
    """What was in the prompt: read only when it is opened, as pasted documents are long."""
    found = counted(len(judged.answer.contexts), "passage")
    key = f"sent-{judged.answer.method}-{judged.question.id}-{judged.answer.phase}"
    box = st.expander(f"The prompt as sent ({found})", key=key, on_change="rerun")
    if not box.open:
        return
    sent, question = graded.sent(judged.answer), judged.question
    with box:
        st.caption("System")
        st.text(sent.system)
        for place, passage in enumerate(sent.passages, 1):
            score = "" if passage.score is None else f", score {passage.score:.3f}"
            holds = ", holds the evidence" if any(quote in passage.text for quote in question.evidence) else ""
            st.caption(plain(f"Passage {place}: {passage.title} ({passage.document_id}{score}{holds})"))
            st.html(marked(passage.text, (*question.evidence, *question.answers)))
        st.caption("Question")
        st.text(sent.question)


def _judge(graded: GradedRun, judged: GradedAnswer) -> None:
    """A person's own grade, which can be taken back."""
    folder, key = graded.folder, key_of_answer(judged)
    known = said_of(folder).get(key)
    name = f"{judged.answer.method}-{judged.question.id}-{judged.answer.phase}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if known:
            st.caption(f"You said: {'right' if known.correct else 'wrong'}.")
            st.button("Undo", key=f"undo-{name}", on_click=take_back, args=(folder, key), type="tertiary")
            return
        for label, correct in (("Mark as right", True), ("Mark as wrong", False)):
            same = judged.grade == ("correct" if correct else "wrong")
            st.button(
                label, key=f"{label}-{name}", disabled=same, on_click=say, args=(folder, key, correct, "doubtful"),
                type="tertiary",
            )  # fmt: skip


def judge_by_key(graded: GradedRun, answers: Sequence[GradedAnswer], key: str) -> None:
    """What the keys r, w and u do: judge the answer in focus, or take that back."""
    focus: Any = st.session_state.get(FOCUS) or answers[0].answer.method
    judged = next((one for one in answers if one.answer.method == focus), answers[0])
    if not (judged.question.answerable and judged.answer.answer):
        return
    if key == "u":
        take_back(graded.folder, key_of_answer(judged))
    else:
        say(graded.folder, key_of_answer(judged), key == "r", "doubtful")


def _compare(said: dict[str, str]) -> None:
    """Two of the answers, word by word."""
    names = list(said)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.caption("Word by word")
        one = st.selectbox("From", names, key="from", bind="query-params", width=150)
        other = st.selectbox("To", names, index=1, key="to", bind="query-params", width=150)
    if said[one] == said[other]:
        st.caption("Both say the same, word for word.")
    else:
        st.html(differences(said[one], said[other]))
