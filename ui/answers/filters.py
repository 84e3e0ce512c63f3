"""Which questions are shown: four quick modes, and filters that narrow them. All of them stand in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.analysis.graded_run import GradedAnswer
from evaluation.grading.notes import Note
from evaluation.words import kind_words
from ui.grades import OUTCOMES, by_question, is_failure, is_right, outcome_of
from ui.text import plain

ALL = "all"
FAILURES, DIFFER, ONLY = "failures", "methods differ", "only one right"
MODES = (ALL, FAILURES, DIFFER, ONLY)
STARRED = "★"
Notes = Mapping[tuple[str, str], Note]


@dataclass(frozen=True)
class Filter:
    """What a question must have to be shown. `tag` may be STARRED."""

    mode: str = ALL
    method: str = ALL
    kind: str = ALL
    outcome: str = ALL
    cause: str = ALL
    text: str = ""
    tag: str = ALL

    def passes(self, rows: Sequence[GradedAnswer], note: Note | None = None) -> bool:
        """Whether the answers to one question are shown."""
        own = [row for row in rows if self.method in (ALL, row.answer.method)]
        return bool(
            own
            and self._of_mode(rows, own)
            and self.kind in (ALL, rows[0].category)
            and any(map(self._ended_so, own))
            and self.text.casefold() in _said(rows, own).casefold()
            and self._tagged(note)
        )

    def _of_mode(self, rows: Sequence[GradedAnswer], own: Sequence[GradedAnswer]) -> bool:
        if self.mode == FAILURES:
            return any(map(is_failure, own))
        if self.mode == DIFFER:
            return len({row.grade for row in rows}) > 1
        if self.mode == ONLY:
            right = [row.answer.method for row in rows if is_right(row)]
            return len(right) == 1 and self.method in (ALL, right[0])
        return True

    def _ended_so(self, row: GradedAnswer) -> bool:
        """Whether one answer has both the outcome and the cause that are asked for."""
        cause = CAUSE_NAMES[Cause(row.cause)] if row.cause else ""
        return self.outcome in (ALL, outcome_of(row)) and self.cause in (ALL, cause)

    def _tagged(self, note: Note | None) -> bool:
        if self.tag == ALL:
            return True
        return note is not None and (note.starred if self.tag == STARRED else self.tag in note.tags)


def _said(rows: Sequence[GradedAnswer], own: Sequence[GradedAnswer]) -> str:
    return " ".join([rows[0].question.question, *(row.answer.answer for row in own)])


def choose_filter(answers: Sequence[GradedAnswer], notes: Notes, only_read: bool) -> Filter:
    """The controls, in one line where there is room.

    Args:
        only_read: whether training read text and was taught no question.
    """
    methods = list(dict.fromkeys(judged.answer.method for judged in answers))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = st.segmented_control(
            "Show", MODES, default=ALL, key="mode", bind="query-params", required=True, width="content",
            help="Failures and “only one right” follow the method chosen beside.",
        )  # fmt: skip
        method = st.selectbox("Method", [ALL, *methods], key="method", bind="query-params", width=170)
        text = st.text_input("Question or answer contains", key="text", bind="query-params", width=260)
        with st.popover("More filters", icon=":material/filter_alt:"):
            kind, outcome, cause, tag = _more(answers, notes, only_read)
    found = Filter(mode or ALL, method, kind, outcome, cause, text, tag)
    _tell(answers, found)
    return found


def _more(answers: Sequence[GradedAnswer], notes: Notes, only_read: bool) -> tuple[str, str, str, str]:
    """Kind, outcome, cause and tag."""
    kinds = {kind_words(judged.category, only_read): judged.category for judged in answers}
    ends = {outcome_of(judged) for judged in answers}
    causes = [name for cause, name in CAUSE_NAMES.items() if any(judged.cause == cause for judged in answers)]
    tags = sorted({tag for note in notes.values() for tag in note.tags})
    kind = st.selectbox("Kind of question", [ALL, *kinds], key="kind", bind="query-params")
    outcome = st.selectbox(
        "Outcome", [ALL, *(o for o in OUTCOMES if o in ends)], key="outcome", bind="query-params",
        help="Made up: answered although no document answers it.",
    )  # fmt: skip
    cause = st.selectbox(
        "Cause of error", [ALL, *causes], key="cause", bind="query-params",
        help="Every answer that is not right has one cause, worked out from what the method was given.",
    )  # fmt: skip
    tag = st.selectbox("Tag", [ALL, STARRED, *tags], key="tag", bind="query-params", help="★: starred by you.")
    return kinds.get(kind, ALL), outcome, cause, tag


def _tell(answers: Sequence[GradedAnswer], chosen: Filter) -> None:
    """How many questions each mode has, and which filters of the popover are at work."""
    questions = list(by_question(answers).values())
    counts = [f"{sum(Filter(mode, chosen.method).passes(rows) for rows in questions)} {mode}" for mode in MODES]
    hidden = [value for value in (chosen.kind, chosen.outcome, chosen.cause, chosen.tag) if value != ALL]
    said = " · ".join(counts) + (f". Narrowed to: {', '.join(hidden)}" if hidden else "")
    st.caption(plain(said))
