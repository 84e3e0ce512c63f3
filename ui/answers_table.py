"""Answers as a table, and one question opened: what was sent, what came back, why it was graded so."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.graded_run import Drill, Judged
from evaluation.grading.labels import Label, keep_label, read_labels
from evaluation.report.charts import METHOD_COLOURS
from ui.text import marked, plain

GRADE_MARKS = {"correct": "✓", "wrong": "✗", "abstained": "–", "unscored": "?"}
LEGEND = "✓ right   ✗ wrong   – said unknown   ? not graded"


def frame_of(rows: Sequence[Judged]) -> pd.DataFrame:
    """One line a question and pass: category, question, accepted answer, then each method's answer with its mark."""
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        question = row.question
        line = lines.setdefault((question.id, row.answer.phase), {
            "id": question.id, "phase": row.answer.phase, "category": row.category, "question": question.question,
            "accepted": question.answers[0] if question.answers else "(no document answers it)",
        })  # fmt: skip
        line[row.answer.method] = f"{GRADE_MARKS[row.grade]} {row.answer.answer}"
    return pd.DataFrame(list(lines.values()))


def select_question(rows: Sequence[Judged], key: str, height: int = 420) -> tuple[str, str] | None:
    """The answers side by side; the question and pass of the line that the person chose."""
    if not rows:
        st.info("No answer fits these filters.", icon=":material/filter_alt:")
        return None
    frame = frame_of(rows)
    st.caption(f"{len(frame)} questions.   {LEGEND}   Choose a line to open it.")
    columns = [name for name in frame.columns if name not in ("id", "phase")]
    widths = {name: st.column_config.TextColumn(width="small" if name in ("category", "accepted") else "medium")
              for name in columns}  # fmt: skip
    event = st.dataframe(
        frame, hide_index=True, column_order=columns, column_config=widths, height=min(height, 38 + 35 * len(frame)),
        key=key, on_select="rerun", selection_mode="single-row",
    )  # fmt: skip
    chosen = event["selection"]["rows"]
    return (frame["id"][chosen[0]], frame["phase"][chosen[0]]) if chosen else None


def open_question(drill: Drill, identity: str, phase: str) -> None:
    """Everything about one question."""
    answers = drill.of_question(identity, phase)
    question = answers[0].question
    st.subheader(plain(question.question), anchor=False)
    accepted = " | ".join(question.answers) if question.answers else "no document answers it: right is to say so"
    st.text(f"Accepted: {accepted}\nKind: {answers[0].category}   Documents: {', '.join(question.document_ids) or '–'}")
    for judged in answers:
        _open_answer(drill, judged)


def _open_answer(drill: Drill, judged: Judged) -> None:
    answer, question = judged.answer, judged.question
    colour = METHOD_COLOURS[answer.method]
    with st.container(border=True):
        mark = GRADE_MARKS[judged.grade]
        st.html(f'<strong style="color:{colour}">{answer.method}</strong> {mark}')
        st.text(answer.answer or "(nothing)")
        cause = f" Cause: {CAUSE_NAMES[Cause(judged.cause)]}." if judged.cause else ""
        chance = judged.score.get("probability")
        likely = "" if chance is None else f" A person would call it right with {chance:.0%}."
        st.caption(plain(f"{judged.grade}, by {judged.score['by']}: {judged.score['reason']}.{likely}{cause}"))
        st.caption(
            f"{answer.prompt_tokens:,} tokens read, {answer.cached_tokens:,} of them from the shared prefix, "
            f"{answer.completion_tokens} written; {answer.generation_s + answer.retrieval_s:.2f} s in its batch"
        )
        with st.expander(f"What was sent ({len(answer.contexts)} passages)"):
            _show_sent(drill, judged)
        if question.answerable and answer.answer:
            _overrule(drill, judged)


def _show_sent(drill: Drill, judged: Judged) -> None:
    """System prompt, passages with scores and marked evidence, question."""
    sent, question = drill.sent(judged.answer), judged.question
    st.caption("System")
    st.text(sent.system)
    for place, passage in enumerate(sent.passages, 1):
        score = "" if passage.score is None else f", score {passage.score:.3f}"
        st.caption(plain(f"Passage {place}: {passage.title} ({passage.document_id}{score})"))
        st.html(marked(passage.text, (*question.evidence, *question.answers)))
    st.caption("Question")
    st.text(sent.question)


def _overrule(drill: Drill, judged: Judged) -> None:
    """A person's own grade, kept beside the run; the figures take it in when the run is graded again."""
    known = next((label for label in read_labels(drill.folder) if label.key == _key(judged)), None)
    if known:
        st.caption(f"You said: {'right' if known.correct else 'not right'}. The figures follow when you grade again.")
        return
    right, wrong, _ = st.columns([1, 1, 4])
    place = f"{judged.answer.method}-{judged.question.id}-{judged.answer.phase}"
    if right.button("It is right", key=f"right-{place}", disabled=judged.grade == "correct"):
        add_label(drill, judged, True, "doubtful")
    if wrong.button("It is wrong", key=f"wrong-{place}", disabled=judged.grade == "wrong"):
        add_label(drill, judged, False, "doubtful")


def _key(judged: Judged) -> tuple[str, str]:
    return judged.question.id, judged.answer.answer


def add_label(drill: Drill, judged: Judged, correct: bool, drawn: str) -> None:
    """Keep what a person said of an answer in labels.jsonl, and show the page again."""
    identity, answer = _key(judged)
    label = Label.model_validate({"question_id": identity, "answer": answer, "correct": correct, "drawn": drawn})
    keep_label(drill.folder, label)
    st.rerun()
