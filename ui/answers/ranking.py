"""Rank several answers to a question by keys 1 to 5, blind; a ranking is on the disk before the next question."""

from pathlib import Path

import streamlit as st

from data.load import load_domain
from data.lock import working_in
from evaluation.preferences.candidates import Candidates, Drawing, newest_candidates
from evaluation.preferences.opening import drawn_for, methods_of, telling
from evaluation.preferences.ordering import as_made, ranks_of
from evaluation.preferences.rankings import Ranking, keep_ranking, withdraw
from evaluation.preferences.session import not_ranked_yet, person, ranking_of, shown_order
from evaluation.run.folder import RunFolder
from evaluation.run.settings import settings_of
from ui.answers.keys import on_key
from ui.links import go
from ui.text import plain

_TYPED, _DONE, _SKIPPED = "ranking-typed", "ranking-done", "ranking-skipped"
_QUESTIONS = 20  # drawn at once from here; `trivium prefer` draws more, or of several methods
_SEED = 0


def rank_by_preference(folder: RunFolder) -> None:
    """The next question that this person has not ranked, with its answers in chance order."""
    st.caption(
        "Keys: 1 to 5 in the order of your preference, best first; Enter: the others share the last place; = before a "
        "number: as good as the one before; b all bad, s skip, u undo. Nobody sees whose answer it is."
    )
    by = st.text_input("Who ranks", person(), key="ranker", max_chars=80, width=260).strip() or person()
    drawn = newest_candidates(folder.path)
    if not drawn:
        return _draw(folder.path)
    shown = telling(drawn, None)
    skipped = st.session_state.setdefault(_SKIPPED, set())
    todo = [one for one in not_ranked_yet(folder.path, shown, by) if (str(folder.path), one.question_id) not in skipped]
    on_key([*"12345=bsu", "Enter"], lambda key: _act(folder.path, by, todo, key))
    st.progress(1 - len(todo) / len(shown) if shown else 1.0, f"{len(shown) - len(todo)} of {len(shown)} done")
    if todo:
        _show(folder.path, by, todo)
    else:
        st.success(
            "All are ranked or skipped. A model can learn from them, here or by trivium prefer RUN --train.",
            icon=":material/check:",
        )
        if st.button("Learn from them", icon=":material/school:", type="primary"):
            go("lab", run=folder.path.name, **{"lab-view": "Prefer"})
        st.button("Undo", on_click=_act, args=(folder.path, by, todo, "u"), type="tertiary")


def _draw(run: Path) -> None:
    st.info("No answers were drawn to be ranked yet. It takes the model a minute or more.")
    if st.button("Draw answers", type="primary"):
        how = Drawing(methods=methods_of(run, ()))
        bar = st.progress(0.0, "Drawing answers")

        def progress(step: str, done: int = 0, total: int = 0) -> None:
            bar.progress(min(1.0, done / total) if total else 0.0, plain(step))

        with working_in(run, "prefer"):
            drawn_for(run, load_domain(settings_of(RunFolder(run)).domain), how, _QUESTIONS, progress)
        st.rerun()


def _show(run: Path, by: str, todo: list[Candidates]) -> None:
    one, typed = todo[0], st.session_state.get(_TYPED, "")
    st.header(plain(one.question), anchor=False)
    for number, answer in enumerate(shown_order(one, by, _SEED), 1):
        st.text(f"{number}  {one.answers[answer]}")
    st.caption(plain(f"Your order so far: {typed or 'none'}"))
    keys = [*map(str, range(1, len(one.answers) + 1)), "Enter", "b", "s", "u"]
    labels = {"Enter": "Keep", "b": "All bad", "s": "Skip", "u": "Undo"}
    with st.container(horizontal=True):
        for key in keys:
            st.button(labels.get(key, key), key=f"rank-{key}", on_click=_act, args=(run, by, todo, key))


def _act(run: Path, by: str, todo: list[Candidates], key: str) -> None:
    """What a key means for the first question that is left."""
    typed = st.session_state.get(_TYPED, "")
    done: list[tuple[str, Ranking]] = st.session_state.setdefault(_DONE, [])
    if key == "u":
        _undo(run, done)
    elif todo and key == "s":
        st.session_state[_SKIPPED].add((str(run), todo[0].question_id))
    elif todo and key == "b":
        _keep(run, ranking_of(todo[0], None, by), done)
    elif todo:
        return _typed(run, by, todo[0], typed + ("" if key == "Enter" else key), key == "Enter", done)
    st.session_state[_TYPED] = ""


def _typed(run: Path, by: str, one: Candidates, typed: str, ended: bool, done: list[tuple[str, Ranking]]) -> None:
    """Keep the order as soon as it is whole; a key that makes no order of it is passed over."""
    count, named = len(one.answers), typed.replace("=", "")
    ranks = ranks_of(typed, count)
    if ranks and (ended or (len(named) >= count - 1 > 0 and not _may_tie(typed, count))):
        order = shown_order(one, by, _SEED)
        _keep(run, ranking_of(one, as_made(order, ranks), by), done)
        st.session_state[_TYPED] = ""
    elif ranks or (typed.endswith("=") and ranks_of(typed[:-1], count)):
        st.session_state[_TYPED] = typed


def _may_tie(typed: str, count: int) -> bool:
    """Of three answers and more the last can still be as good as the one before; of two, one key decides."""
    return count > 2 and len(typed.replace("=", "")) < count


def _keep(run: Path, ranking: Ranking, done: list[tuple[str, Ranking]]) -> None:
    keep_ranking(run, ranking)
    done.append((str(run), ranking))


def _undo(run: Path, done: list[tuple[str, Ranking]]) -> None:
    """Take back the order that is being typed, else the last ranking of this session in this run."""
    if st.session_state.get(_TYPED):
        return
    for place in reversed(range(len(done))):
        if done[place][0] == str(run):
            return withdraw(run, done.pop(place)[1])
