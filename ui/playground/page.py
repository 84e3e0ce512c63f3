"""One question to every method: the answers as they come, what each took, what each setting of sampling cuts away."""

import streamlit as st

from evaluation.lab.playground import Playground, TracedAnswer
from model.sampling import Sampling
from ui.header import titled
from ui.links import keep, kept_one
from ui.playground.answers import ask, show_answers
from ui.playground.ground import LOCK, ground_of, places
from ui.playground.memory import memory
from ui.playground.parts import network
from ui.playground.remote import remote_console
from ui.playground.speed import speed
from ui.playground.tokens import next_token
from ui.reading import show_errors
from ui.text import plain
from ui.workspace import server, workspace

FREE = "(type my own question)"
SHOWN = 200  # questions of the domain to choose from
TABS = ("The next token", "What does it remember?", "The network", "Speed")


@show_errors
def playground_page() -> None:
    """A console, and below it the distribution, memory, network and speed of the running model."""
    beside = titled("Playground")
    st.caption(
        "Nothing on this page changes the model: a pasted text is input, an index is a file, an adapter was trained "
        "earlier. Only the page Lab trains."
    )
    if address := server():
        remote_console(address)
        return
    found = places(workspace())
    if not found:
        st.info("There is nothing to ask yet. Start a run on the page Runs, or teach sentences on the page Lab.")
        return
    asked = kept_one("of")
    st.session_state["ground-choice"] = asked if asked in found else None if asked else next(iter(found))
    chosen = beside.selectbox(
        "Run or training", list(found), key="ground-choice", placeholder="Choose a run",
        help="A run with its index and adapter, or a training of the lab.",
        on_change=lambda: keep("of", [st.session_state["ground-choice"]]),
    )  # fmt: skip
    if chosen is None:
        st.warning(plain(f"There is no run or training '{asked}' here. Choose one above."))
        return
    keep("of", [chosen])
    _console(ground_of(found[chosen]), chosen)


def _console(ground: Playground, chosen: str) -> None:
    """Question, settings, answers; what was answered last stays until something else is asked."""
    sampling = _sampling()
    question, methods, sent = _question(ground)
    if sent and question and methods:
        with LOCK:
            told = ask(ground, methods, question, sampling)
        st.session_state["told"] = (chosen, question, told)
    elif (kept := st.session_state.get("told")) and kept[0] == chosen:
        show_answers(ground, kept[1], kept[2], kept[1] != question)
    kept = st.session_state.get("told")
    _parts(ground, kept[2] if kept and kept[0] == chosen else [], sampling, chosen)


def _question(ground: Playground) -> tuple[str, list[str], bool]:
    """The question, the methods, and whether they are to be asked; Enter asks, too."""
    listed = [question.question for question in ground.domain.split("test")][:SHOWN]
    template = st.selectbox("Question of the domain", [*listed, FREE], key="asked", bind="query-params")
    with st.form("ask", border=False):
        text = st.text_input("Question", "" if template == FREE else template, key=f"question-{template}")
        methods = st.pills("Methods", ground.methods, selection_mode="multi", default=ground.methods)
        sent = st.form_submit_button("Ask", type="primary")
    return text.strip(), list(methods), sent


def _sampling() -> Sampling:
    with st.expander("How the next token is chosen"):
        st.caption("These settings change how the model answers, not what it knows. The weights stay the same.")
        one, two, three = st.columns(3)
        temperature = one.slider(
            "Temperature", 0.0, 2.0, 0.0, 0.05, help="0: always the likeliest token. 1: the probabilities as trained.",
            key="temperature", bind="query-params",
        )  # fmt: skip
        top_k = two.slider("Top-k", 0, 50, 0, help="Keep only the k most likely tokens. 0 keeps all.",
                           key="top_k", bind="query-params")  # fmt: skip
        top_p = three.slider(
            "Top-p", 0.05, 1.0, 1.0, 0.05, help="Keep the fewest tokens that together have this probability.",
            key="top_p", bind="query-params",
        )  # fmt: skip
        penalty = one.slider(
            "Repetition penalty", 1.0, 2.0, 1.0, 0.05, help="Makes tokens that already occur less likely.",
            key="penalty", bind="query-params",
        )  # fmt: skip
        length = two.slider("Maximum length", 4, 128, 32, help="Tokens per answer.", key="length", bind="query-params")
        seed = three.number_input("Seed", 0, 9999, 0, help="The same seed gives the same answer.", key="drawn",
                                  bind="query-params")  # fmt: skip
        stop = st.text_input("Stop at", "\\n", help="The answer ends before this text. \\n is the end of a line.")
    return Sampling(
        temperature=temperature, top_k=top_k, top_p=top_p, repetition_penalty=penalty, max_new_tokens=length,
        seed=int(seed), stop=(stop.replace("\\n", "\n"),) if stop else (),
    )  # fmt: skip


def _parts(ground: Playground, told: list[TracedAnswer], sampling: Sampling, chosen: str) -> None:
    """Only the tab that is open is computed."""
    token, memories, parts, speeds = st.tabs(TABS, key="part", on_change="rerun", bind="query-params")
    with token:
        if token.open and told:
            next_token(ground, told, sampling)
        elif token.open:
            st.caption("Ask something first: here is then shown how the next token of each answer was chosen.")
    with memories:
        if memories.open:
            memory(ground, sampling, chosen)
    with parts:
        if parts.open:
            network(ground, told)
    with speeds:
        if speeds.open:
            speed(ground)
