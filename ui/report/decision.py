"""The decision as a lead reads it: what to take, how sure that is, why, with the answers behind each reason."""

from collections.abc import Mapping, Sequence

import streamlit as st

from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.report.decision import parts
from evaluation.results.schema import Results
from evaluation.results.verdict import Behind, How, Verdict
from evaluation.words import kind_words
from ui.grades import MADE_UP, RIGHTLY_UNKNOWN
from ui.links import go
from ui.look import say_first
from ui.text import plain

# How sure: a colour, an icon and the words of the badge itself, each of which says it alone.
BADGES: Mapping[How, tuple[str, str]] = {
    "sure": ("green", "check_circle"), "likely": ("blue", "thumb_up"), "open": ("orange", "help"),
    "failed": ("red", "error"),
}  # fmt: skip
FOLDED = ("What would turn it", "What to run next")


def show_decision(verdict: Verdict) -> None:
    """The headline, how sure it is, and what training covered."""
    colour, icon = BADGES[verdict.badge.how]
    say_first(verdict.summary)
    st.markdown(f":{colour}-badge[:material/{icon}: {plain(verdict.badge.text)}]")
    for line in filter(None, (verdict.how_sure, verdict.coverage)):
        st.text(line)


def show_reasons(run: str, results: Results) -> None:
    """Why, each reason with a way to its answers; what to mind; folded, what would turn it and what to run next.

    Args:
        run: its name in the app.
    """
    verdict = results.verdict
    behind = {reason.text: reason.behind for reason in verdict.why}
    for title, sentences in parts(verdict):
        if title in FOLDED:
            with st.expander(title):
                _sentences(run, results, sentences, behind)
        else:
            st.header(title, anchor=False)
            _sentences(run, results, sentences, behind)


def _sentences(run: str, results: Results, sentences: Sequence[str], behind: Mapping[str, Behind | None]) -> None:
    for number, sentence in enumerate(sentences):
        answers = behind.get(sentence)
        with st.container(gap=None):
            st.markdown(f"- {plain(sentence)}")
            if answers and st.button("Read these answers", key=f"behind-{number}-{sentence[:20]}", type="tertiary",
                                     icon=":material/arrow_forward:"):  # fmt: skip
                go("answers", run=run, **choices_for(answers, only_read(results)))


def only_read(results: Results) -> bool:
    """Whether training read the documents and was taught no question."""
    return results.coverage is not None and results.coverage.facts_taught is None


def choices_for(behind: Behind, only_read: bool = False) -> dict[str, str]:
    """The filters of the page Answers that show what a sentence is about."""
    found: dict[str, str] = {}
    if behind.methods:
        found["method"] = behind.methods[0]
    if behind.category:
        found["kind"] = kind_words(behind.category, only_read)
    if behind.cause:
        found["cause"] = CAUSE_NAMES[Cause(behind.cause)]
    if behind.outcome:
        nowhere = {"wrong": MADE_UP, "unknown": RIGHTLY_UNKNOWN} if behind.category == "unanswerable" else {}
        found["outcome"] = nowhere.get(behind.outcome, behind.outcome)
    return found
