"""The answers side by side, each as it comes, with what it took and the sign that no weight has moved."""

from collections.abc import Sequence

import streamlit as st

from data.findings import counted
from data.progress import Progress
from evaluation.lab.memories import beside
from evaluation.lab.playground import Playground, TracedAnswer
from evaluation.run.registry import spec_of
from model.sampling import Sampling
from ui.playground.ground import known, mark_of
from ui.text import plain, swatch

PASSAGES, LETTERS = 8, 600  # that are shown of a prompt
MOMENT = 0.5  # seconds of preparing that are worth a word


def _columns(count: int) -> list[st.delta_generator.DeltaGenerator]:
    """Places for the answers, two a line."""
    return [column for _ in range(0, count, 2) for column in st.columns(2)][:count]


def _asked(ground: Playground, question: str) -> None:
    """The question that these answers are to, and what the domain accepts."""
    st.markdown(f"**{plain(question)}**")
    if found := known(ground, question):
        st.text(f"Accepted: {' | '.join(found.answers) or 'nothing: no document answers it'}")


def ask(ground: Playground, methods: Sequence[str], question: str, sampling: Sampling) -> list[TracedAnswer]:
    """Each method in turn, its answer appearing token by token."""
    _asked(ground, question)
    told = []
    for place, name in zip(_columns(len(methods)), methods, strict=True):
        with place.container(border=True):
            head, text, state = st.empty(), st.empty(), st.empty()
            _head(head, ground, name)
            new = name not in ground.prepared_s
            ground.method(name, _telling(state))
            state.caption("Reading the prompt")
            one = ground.ask(name, question, sampling, lambda so_far, text=text: text.text(so_far))  # type: ignore[misc]
            state.empty()
            _head(head, ground, name, question, one.text)
            text.text(one.text or "(nothing)")
            _dashboard(ground, one, new)
            told.append(one)
    return told


def _telling(place: st.delta_generator.DeltaGenerator) -> Progress:
    """Progress that is shown in this place."""

    def tell(step: str, done: int = 0, total: int = 0) -> None:
        place.caption(plain(f"Preparing: {step}"))

    return tell


def show_answers(ground: Playground, question: str, told: Sequence[TracedAnswer], earlier: bool) -> None:
    """The answers given last, as they were.

    Args:
        earlier: whether another question stands in the console now.
    """
    if earlier:
        st.caption("Answers to the question that was asked last:")
    _asked(ground, question)
    for place, one in zip(_columns(len(told)), told, strict=True):
        with place.container(border=True):
            _head(st.empty(), ground, one.method, question, one.text)
            st.text(one.text or "(nothing)")
            _dashboard(ground, one, False)


def _head(place: st.delta_generator.DeltaGenerator, ground: Playground, method: str, question: str = "",
          answer: str = "") -> None:  # fmt: skip
    """Who answers; with its grade where the domain knows what is right."""
    found = known(ground, question) if question else None
    with place.container():
        st.html(swatch(method, spec_of(method).colour, mark_of(ground, found, answer) if found else ""))
        st.caption(plain(spec_of(method).sentence))


def _dashboard(ground: Playground, one: TracedAnswer, new: bool) -> None:
    """What this answer took, and that nothing in the model moved for it."""
    same = one.fingerprint_before == one.fingerprint_after
    prints = f"Fingerprint of the {ground.model.parameters:,} weights before {one.fingerprint_before[:12]}, after "
    prints += one.fingerprint_after[:12]
    if one.trained:
        prints += f". What was trained earlier is {beside(one)}"
    st.caption(
        ":material/lock: weights unchanged" if same else ":material/lock_open: weights CHANGED, which must not happen",
        help=f"{prints}.",
    )
    took = f"{one.total_s:.2f} s, first token after {one.first_s:.2f} s"
    prepared = ground.prepared_s.get(one.method, 0.0)
    if prepared > MOMENT:
        took += f"; prepared once in {prepared:.1f} s{', just now' if new else ''}"
    st.text(f"{took}\n{one.prompt_tokens:,} tokens in ({one.cached_tokens:,} cached), {len(one.written)} out\n"
            f"${one.usd:.7f} (assumed machine price)")  # fmt: skip
    if one.passages:
        with st.expander(f"{counted(len(one.passages), 'passage')} in the prompt"):
            for passage in one.passages[:PASSAGES]:
                st.caption(plain(f"{passage.title} ({passage.document_id})"))
                st.text(passage.text[:LETTERS])
