"""Preferences in four steps on a run's own model: answers, ranking, reward model, the model moved."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from evaluation.numbers import percent, span
from evaluation.preferences.agreement import agreements
from evaluation.preferences.candidates import newest_candidates
from evaluation.preferences.rankings import Ranking, all_pairs, read_rankings, who_ranked
from evaluation.report.preferences import change_table, title_of
from evaluation.results.preference import Mean, PreferenceChange, RewardModel, read_preferences
from evaluation.table import columns, make_table, text_columns
from ui.first_visit import SAMPLE_RUN
from ui.lab.tuning import begin, watch_learning
from ui.links import go
from ui.tables import show_table
from ui.text import plain
from ui.workspace import Workspace

_EVERYBODY = "everybody"


def four_steps(space: Workspace, run: Path) -> None:
    """Each step with what is there of it; what is not done says how it is done."""
    st.caption(
        "Preferences shape how a model answers, not what it knows. Every figure comes from this run and its own model."
    )
    rankings = read_rankings(run)
    by = _whose(rankings)
    mine = [ranking for ranking in rankings if by in ("", ranking.by)]
    writable = st.session_state.get("run-choice") != SAMPLE_RUN
    _answers(run, writable)
    _ranking(rankings, mine)
    if not writable:
        st.info("This run came with the program and cannot be changed. A run of your own can be ranked and tuned.")
        return
    watch_learning(space, run)
    known = read_preferences(run)
    _reward(space, run, [one for one in known.rewards if one.by == by], by, bool(mine))
    _moved(space, run, [one for one in known.changes if one.by == by], by, bool(mine))


def _whose(rankings: Sequence[Ranking]) -> str:
    """Whose rankings are shown; people before rules, everybody at last. Nothing is asked where nobody ranked."""
    names = sorted(who_ranked(rankings), key=lambda name: name.startswith("rule:"))
    if not names:
        return ""
    choices = [*names, ""] if len(names) > 1 else names
    return st.selectbox(
        "Whose rankings", choices, format_func=lambda name: name or _EVERYBODY, key="whose", width=320,
        help="A name that begins with rule: is a rule, not a person.",
    )  # fmt: skip


def _head(number: int, title: str, told: str) -> None:
    st.header(f"{number}  {title}", anchor=False)
    st.caption(plain(told))


def _answers(run: Path, writable: bool) -> None:
    _head(1, "Answers", "The model gives several answers to one question: its own, and others drawn by chance.")
    drawn = [one for one in newest_candidates(run) if one.answers]
    if not drawn:
        st.info("Not done yet. The page Answers, Rank by preference draws them, as trivium prefer RUN does.")
    else:
        many = sum(len(one.answers) for one in drawn)
        st.text(f"{many:,} different answers to {len(drawn):,} questions.")
        example = max(drawn, key=lambda one: len(one.answers))
        st.text("\n".join([f"For example: {example.question}", *(f"  – {answer}" for answer in example.answers)]))
    if writable and st.button("Rank answers", icon=":material/format_list_numbered:"):
        go("answers", run=run.name, view="Rank by preference")


def _ranking(rankings: Sequence[Ranking], mine: Sequence[Ranking]) -> None:
    _head(2, "Ranking", "People, or a rule that is named as one, put the answers in order. Nobody sees whose each is.")
    if not rankings:
        st.info("Not done yet. Nobody has ranked answers of this run.")
        return
    rows = [
        [name, f"{count:,}", f"{len(all_pairs(rankings, name)):,}",
         f"{sum(one.ranks is None for one in rankings if one.by == name):,}"]
        for name, count in who_ranked(rankings).items()
    ]  # fmt: skip
    show_table(make_table("Who ranked", columns("who", "questions", "preferences", "all bad"), rows))
    for found in agreements(rankings):
        st.text(found.sentence)
    example = next((one for one in mine if one.ranks and len(set(one.ranks)) > 1), None)
    if example and example.ranks:
        placed = sorted(zip(example.ranks, example.answers, strict=True), key=lambda place: place[0])
        st.text("\n".join([f"For example: {example.question}", *(f"  {rank}  {answer}" for rank, answer in placed)]))


def _interval(name: str, found: Mean) -> list[str]:
    return [name, f"{found.n:,}", percent(found.mean), span(found.ci_low, found.ci_high)]


def _reward(space: Workspace, run: Path, rewards: Sequence[RewardModel], by: str, ranked: bool) -> None:
    _head(3, "Reward model", "A small head on the frozen model learns which answer was preferred; it is asked about "
          "questions that it was not fitted on.")  # fmt: skip
    heads = columns("pairs in the right order", "n", "share", "95 % interval")
    for one in rewards:
        rows = [_interval("reward model", one.accuracy), _interval("length alone", one.length_alone),
                ["chance", "", "50%", ""]]  # fmt: skip
        show_table(make_table(one.method, heads, rows))
        st.text(f"{one.method}: {one.sentence}")
    if not rewards:
        begin(space, run, "reward", by, ranked)


def _moved(space: Workspace, run: Path, changes: Sequence[PreferenceChange], by: str, ranked: bool) -> None:
    _head(4, "The model moved", "Tuning makes preferred answers likelier. Questions that no ranking saw are asked "
          "before and after: what moved, behaviour or knowledge?")  # fmt: skip
    for change in changes:
        with st.container(border=True):
            st.subheader(plain(title_of(change)), anchor=False)
            st.text(change.sentence)
            show_table(change_table(change))
            with st.expander("Examples"):
                rows = [[one.question, one.before, one.after] for one in change.examples]
                show_table(make_table("Examples", text_columns("question", "before", "after"), rows))
    if not any(not change.best_of for change in changes):
        begin(space, run, "train", by, ranked)
