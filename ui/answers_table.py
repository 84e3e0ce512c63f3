"""Answers as a table, and one question opened: what was sent, what came back, why it was graded so."""

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from data.findings import counted
from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.graded_run import GradedAnswer, GradedRun
from evaluation.grading.labels import Label, keep_label, read_labels
from evaluation.run.folder import RunFolder
from evaluation.run.registry import spec_of
from ui.choose import pick_line
from ui.text import marked, plain, swatch

GRADE_WORDS = {"correct": "right", "wrong": "wrong", "abstained": "said “unknown”", "unscored": "not graded"}
WIDTHS = {"category": 110, "question": 280, "accepted": 110}  # pixels
GRADE_MARKS = {"correct": "✓", "wrong": "✗", "abstained": "–", "unscored": "?"}
LEGEND = "✓ right · ✗ wrong · – said “unknown” · ? not graded"


def frame_of(rows: Sequence[GradedAnswer]) -> pd.DataFrame:
    """One line a question and pass: category, question, accepted answer, then each method's answer with its mark."""
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        question = row.question
        line = lines.setdefault((question.id, row.answer.phase), {
            "id": question.id, "phase": row.answer.phase, "category": row.category, "question": question.question,
            "accepted": question.answers[0] if question.answers else "(unanswerable)",
        })  # fmt: skip
        line[row.answer.method] = f"{GRADE_MARKS[row.grade]} {row.answer.answer}"
    return pd.DataFrame(list(lines.values()))


def select_question(rows: Sequence[GradedAnswer], key: str, height: int = 420) -> tuple[str, str] | None:
    """The answers side by side; the question and pass of the line that the person chose."""
    if not rows:
        st.info("No answer matches these filters.", icon=":material/filter_alt:")
        return None
    frame = frame_of(rows)
    st.caption(f"{counted(len(frame), 'question')}. {LEGEND}. Click a line to open it.")
    columns = [name for name in frame.columns if name not in ("id", "phase")]
    widths = {name: st.column_config.TextColumn(width=WIDTHS.get(name, 160)) for name in columns}
    ids = [f"{identity} {phase}" for identity, phase in zip(frame["id"], frame["phase"], strict=True)]
    line = pick_line(
        frame, ids, key, column_order=columns, column_config=widths, height=min(height, 38 + 35 * len(frame))
    )
    return None if line is None else (frame["id"][line], frame["phase"][line])


def open_question(graded: GradedRun, identity: str, phase: str) -> None:
    """Everything about one question."""
    answers = graded.of_question(identity, phase)
    question = answers[0].question
    st.subheader(plain(question.question), anchor=False)
    accepted = " | ".join(question.answers) or "nothing. No document answers it, so the correct reply is “unknown”"
    st.text(f"Accepted: {accepted}\nKind: {answers[0].category}   Documents: {', '.join(question.document_ids) or '–'}")
    for judged in answers:
        _open_answer(graded, judged)


def _open_answer(graded: GradedRun, judged: GradedAnswer) -> None:
    answer, question = judged.answer, judged.question
    with st.container(border=True):
        st.html(swatch(answer.method, spec_of(answer.method).colour, GRADE_MARKS[judged.grade]))
        st.text(answer.answer or "(nothing)")
        cause = f" Cause: {CAUSE_NAMES[Cause(judged.cause)]}." if judged.cause else ""
        chance = judged.score.get("probability")
        likely = "" if chance is None else f" Estimated chance that a person accepts it: {chance:.0%}."
        grade = GRADE_WORDS[judged.grade].capitalize()
        st.caption(plain(f"{grade}, graded by {judged.score['by']}: {judged.score['reason']}.{likely}{cause}"))
        tokens = f"{answer.prompt_tokens:,} tokens in ({answer.cached_tokens:,} cached), {answer.completion_tokens} out"
        told = tokens if answer.tokens_known else "tokens: n/a, your system did not tell them"
        st.caption(f"{told}; {answer.generation_s + answer.retrieval_s:.2f} s in its batch")
        with st.expander(f"The prompt as sent ({counted(len(answer.contexts), 'passage')})"):
            _show_sent(graded, judged)
        if question.answerable and answer.answer:
            _overrule(graded, judged)


def _show_sent(graded: GradedRun, judged: GradedAnswer) -> None:
    """System prompt, passages with scores and marked evidence, question."""
    sent, question = graded.sent(judged.answer), judged.question
    st.caption("System")
    st.text(sent.system)
    for place, passage in enumerate(sent.passages, 1):
        score = "" if passage.score is None else f", score {passage.score:.3f}"
        st.caption(plain(f"Passage {place}: {passage.title} ({passage.document_id}{score})"))
        st.html(marked(passage.text, (*question.evidence, *question.answers)))
    st.caption("Question")
    st.text(sent.question)


def _overrule(graded: GradedRun, judged: GradedAnswer) -> None:
    """A person's own grade, kept beside the run; the figures take it in when the run is graded again."""
    known = next((label for label in read_labels(graded.folder) if label.key == _key(judged)), None)
    if known:
        st.caption(f"You marked this {'right' if known.correct else 'wrong'}. “Grade again” updates the figures.")
        return
    right, wrong, _ = st.columns([1, 1, 4])
    place = f"{judged.answer.method}-{judged.question.id}-{judged.answer.phase}"
    if right.button("Mark as right", key=f"right-{place}", disabled=judged.grade == "correct"):
        add_label(graded.folder, _key(judged), True, "doubtful")
    if wrong.button("Mark as wrong", key=f"wrong-{place}", disabled=judged.grade == "wrong"):
        add_label(graded.folder, _key(judged), False, "doubtful")


def _key(judged: GradedAnswer) -> tuple[str, str]:
    return judged.question.id, judged.answer.answer


def add_label(folder: RunFolder, key: tuple[str, str], correct: bool, drawn: Literal["sample", "doubtful"]) -> None:
    """Keep what a person said of an answer on disk, then show the page again.

    Args:
        key: the question's id and the answer, word for word.
    """
    keep_label(folder, Label(question_id=key[0], answer=key[1], correct=correct, drawn=drawn))
    st.rerun()
