"""One question to every method: the answers as they come, what each took, what each setting of sampling cuts away."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from data.findings import counted
from evaluation.lab.memories import TRAINED, memories, remember
from evaluation.lab.network import layers_of
from evaluation.lab.playground import Playground, TracedAnswer
from evaluation.lab.speeds import speeds
from evaluation.run.registry import spec_of
from model.sampling import Sampling
from ui.charts import chances_chart
from ui.header import titled
from ui.reading import show_errors
from ui.text import plain, swatch
from ui.workspace import Workspace, workspace

FREE = "(type my own question)"
LOCK = threading.Lock()  # one model, one question at a time, however many tabs are open


@st.cache_resource(show_spinner="Loading the model, its index and its adapter", max_entries=1)
def _ground(path: Path, changed: float) -> Playground:
    return Playground(path)


def _places(space: Workspace) -> list[Path]:
    """Finished runs and what the lab has trained, the newest first."""
    lab = [path.parent for path in (space.runs / ".lab").glob("*/lab.json") if list(path.parent.glob("adapters/*"))]
    return [*sorted(lab, key=lambda path: path.stat().st_mtime, reverse=True), *space.finished()]


@show_errors
def playground_page() -> None:
    """Console, dashboard, distribution, memory, speed: all on the running model."""
    space = workspace()
    beside = titled("Playground")
    st.caption(
        "Nothing on this page changes the model: a pasted text is input, an index is a file, an adapter was trained "
        "earlier. The fingerprints show it. Only the page Lab trains."
    )
    places = _places(space)
    if not places:
        st.info("There is nothing to ask yet. Start a run on the page Runs, or teach sentences on the page Lab.")
        return
    names = [path.name if path.parent == space.runs else f"lab: {path.name}" for path in places]
    chosen = beside.selectbox(
        "Run or training", names, help="A run with its index and adapter, or a training of the lab."
    )
    path = places[names.index(chosen)]
    ground = _ground(path, (path / "run.json").stat().st_mtime)
    known = st.session_state.get("told_by") == chosen
    question = _question(ground)
    sampling = _sampling()
    methods = st.pills("Methods", ground.methods, selection_mode="multi", default=ground.methods)
    if st.button("Ask", type="primary", disabled=not question.strip() or not methods):
        with LOCK:
            st.session_state["told"], st.session_state["told_by"] = _ask(ground, methods, question, sampling), chosen
        known = True
    elif known:
        _answers(ground, st.session_state["told"])
    told: list[TracedAnswer] = st.session_state["told"] if known else []
    if told:
        _distribution(ground, told, sampling)
    _network(ground, told)
    _memory(ground, sampling, chosen)
    _speed(ground)


def _question(ground: Playground) -> str:
    asked = [question.question for question in ground.domain.split("test")][:200]
    left, right = st.columns(2)
    template = left.selectbox("Question of the domain", [*asked, FREE])
    return str(right.text_input("Question", "" if template == FREE else template, key=f"question-{template}"))


def _sampling() -> Sampling:
    with st.expander("How the next token is chosen"):
        st.caption("These settings change how the model answers, not what it knows. The weights stay the same.")
        one, two, three = st.columns(3)
        temperature = one.slider(
            "Temperature", 0.0, 2.0, 0.0, 0.05, help="0: always the most likely token. 1: the probabilities as trained."
        )
        top_k = two.slider("Top-k", 0, 50, 0, help="Keep only the k most likely tokens. 0 keeps all.")
        top_p = three.slider(
            "Top-p", 0.05, 1.0, 1.0, 0.05, help="Keep the fewest tokens that together have this probability."
        )
        penalty = one.slider(
            "Repetition penalty", 1.0, 2.0, 1.0, 0.05, help="Makes tokens that already occur less likely."
        )
        length = two.slider("Maximum length", 4, 128, 32, help="Tokens per answer.")
        seed = three.number_input("Seed", 0, 9999, 0, help="The same seed gives the same answer.")
        stop = st.text_input("Stop at", "\\n", help="The answer ends before this text. \\n is the end of a line.")
    return Sampling(
        temperature=temperature, top_k=top_k, top_p=top_p, repetition_penalty=penalty, max_new_tokens=length,
        seed=int(seed), stop=(stop.replace("\\n", "\n"),) if stop else (),
    )  # fmt: skip


def _columns(count: int) -> list[st.delta_generator.DeltaGenerator]:
    """Places for the answers, two a line."""
    return [column for _ in range(0, count, 2) for column in st.columns(2)][:count]


def _ask(ground: Playground, methods: Sequence[str], question: str, sampling: Sampling) -> list[TracedAnswer]:
    """Each method in turn, its answer appearing token by token."""
    told = []
    for place, name in zip(_columns(len(methods)), methods, strict=True):
        with place.container(border=True):
            _head(name)
            text = st.empty()
            with st.spinner("Reading the prompt"):
                ground.method(name)
                one = ground.ask(name, question, sampling, lambda so_far, text=text: text.text(so_far))  # type: ignore[misc]
            text.text(one.text or "(nothing)")
            _dashboard(ground, one)
            told.append(one)
    return told


def _answers(ground: Playground, told: Sequence[TracedAnswer]) -> None:
    """The answers given last, as they were."""
    for place, one in zip(_columns(len(told)), told, strict=True):
        with place.container(border=True):
            _head(one.method)
            st.text(one.text or "(nothing)")
            _dashboard(ground, one)


def _head(method: str) -> None:
    spec = spec_of(method)
    st.html(swatch(method, spec.colour))
    st.caption(plain(spec.sentence))


def _dashboard(ground: Playground, one: TracedAnswer) -> None:
    """What this answer took, and that nothing in the model moved for it."""
    same = one.fingerprint_before == one.fingerprint_after
    st.badge(
        "weights unchanged" if same else "weights CHANGED", color="blue" if same else "red", icon=":material/lock:"
    )
    st.caption(
        f"Fingerprint before {one.fingerprint_before[:12]}, after {one.fingerprint_after[:12]}: this question changed "
        f"{'none' if same else 'some'} of the {ground.model.parameters:,} weights."
        + (f" Beside them is an adapter of {one.trained:,} weights that was trained earlier." if one.trained else "")
    )
    st.text(
        f"{one.total_s:.2f} s, first token after {one.first_s:.2f} s\n"
        f"{one.prompt_tokens:,} tokens in ({one.cached_tokens:,} cached), {len(one.written)} out\n"
        f"${one.usd:.7f} (assumed machine price)"
    )
    if one.passages:
        with st.expander(f"{counted(len(one.passages), 'passage')} in the prompt"):
            for passage in one.passages[:8]:
                st.caption(plain(f"{passage.title} ({passage.document_id})"))
                st.text(passage.text[:600])


def _distribution(ground: Playground, told: Sequence[TracedAnswer], sampling: Sampling) -> None:
    """Bars at one position of an answer: as the model gave them, and after each setting."""
    st.subheader("The next token", anchor=False)
    st.caption(
        "At each step the model gives every token a probability. The settings above only reshape these bars. Move them "
        "to see what each one cuts away."
    )
    left, right = st.columns(2)
    name = left.selectbox("Answer of", [one.method for one in told])
    one = next(one for one in told if one.method == name)
    position = right.slider("Position", 0, max(1, len(one.written)), 0, help="0 is the first token of the answer.")
    position = min(position, len(one.written))
    st.text("So far: " + (ground.model.decode(one.written[:position]) or "(nothing)"))
    with LOCK:
        found = ground.chances(one, position, sampling)
    for place, (stage, chances) in zip(st.columns(len(found)), found, strict=True):
        rows = [{"token": repr(chance.token), "probability": chance.probability} for chance in chances]
        place.altair_chart(chances_chart(rows, stage), width="stretch")


def _network(ground: Playground, told: Sequence[TracedAnswer]) -> None:
    """The model's parts with their sizes; frozen, and where an adapter lies beside."""
    st.subheader("The network", anchor=False)
    adapters = [one.trained for one in told if one.trained]
    for place, part in zip(st.columns(3), layers_of(ground.model), strict=True):
        with place.container(border=True):
            st.markdown(f"**{part['part']}** :blue-badge[frozen]")
            st.text(f"{part['size']}\n{part['weights']:,} weights{'; ' + part['note'] if part.get('note') else ''}")
            if "layers" in part["part"] and adapters:
                st.markdown(f":orange-badge[adapter beside it: {max(adapters):,} trained weights]")


def _taught(ground: Playground) -> tuple[str, str]:
    """A text and a question about it: in a training of the lab its first sentence, else one that no model knows."""
    trained = {question.fact_id for question in ground.plan.training}
    asked = (question for question in ground.domain.split("test") if question.evidence)
    first = next((question for question in asked if question.fact_id in trained), None)
    if ground.is_lab and first:
        return first.evidence[0], first.question
    return "The harbour cat is called Barnacle and sleeps in the ticket office.", "What is the harbour cat called?"


def _memory(ground: Playground, sampling: Sampling, chosen: str) -> None:
    """The same text pasted, indexed and trained: what changed for each answer, and what did not."""
    st.subheader("What does it remember?", anchor=False)
    st.caption(
        "The same text in four ways. Press them in turn and compare what changed."
        if ground.is_lab
        else "The same text in three ways. Press them in turn and compare what changed. The page Lab trains on it."
    )
    told, asked = _taught(ground)
    text = st.text_area("Text", told, key=f"memory-text {chosen}")
    question = st.text_input("Question about it", asked, key=f"memory-question {chosen}")
    rows: list[dict[str, str]] = st.session_state.setdefault(f"memory {chosen}", [])
    with st.container(horizontal=True):
        for way in memories(ground):
            if (way != TRAINED or text == told) and st.button(way):
                with LOCK, st.spinner("Asking"):
                    answer, changed = remember(ground, way, text, question, sampling)
                rows.append(
                    {"what you did": way, "answer": answer, "what changed": changed,
                     "fingerprint of the model": ground.fingerprint[:12]}
                )  # fmt: skip
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, column_config={"what changed": st.column_config.Column(width="large")}
        )
        if len({row["fingerprint of the model"] for row in rows}) == 1:
            st.caption("The fingerprint is the same in every line: no weight of the model has changed.")


def _speed(ground: Playground) -> None:
    """The same questions in three ways of asking."""
    st.subheader("Speed", anchor=False)
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    name = left.selectbox("Method", ground.methods, key="speed-method")
    if right.button("Measure 4 questions in three ways"):
        questions = [question.question for question in ground.domain.split("test")][:4]
        with LOCK, st.spinner("Answering the same questions three times"):
            rows = speeds(ground, name, questions, Sampling())
        frame = pd.DataFrame([
            {"way": row["way"], "seconds a question": round(row["seconds"], 3),
             "same answers": f"{row['same']} of {row['of']}"}
            for row in rows
        ])  # fmt: skip
        st.dataframe(frame, hide_index=True)
