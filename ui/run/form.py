"""The form that starts a run: what nearly everybody chooses, and folded below it every other option."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import streamlit as st

from evaluation.jobs import runs as jobs
from evaluation.run.registry import default_methods, method_names, spec_of
from evaluation.run.settings import PROFILES
from model.weights import DEFAULT_MODEL
from ui.first_visit import three_ways
from ui.links import kept_one
from ui.reading import show_errors
from ui.run.options import choose_options
from ui.run.prediction import predict
from ui.workspace import Workspace


@show_errors
def run_form(space: Workspace) -> None:
    """Domain, model, methods, profile; then predict, or start."""
    domains = space.domains()
    if not domains:
        st.info("There is no domain in this workspace yet.")
        three_ways(space)
        return
    asked = kept_one("domain")
    place = next((n for n, path in enumerate(domains) if space.name(path) == asked), 0)
    left, right = st.columns(2)
    domain = left.selectbox("Domain", domains, index=place, format_func=space.name)
    model = right.text_input(
        "Base model", DEFAULT_MODEL, key="base-model", persist_state="session",
        help="Name of an embedded model, hub id, local folder, GGUF file, Ollama’s name, or scripted:FILE.",
    )  # fmt: skip
    methods = st.multiselect("Methods", method_names(), list(default_methods()), key="methods", persist_state="session")
    with st.expander("What the methods are"):
        for name in method_names():
            st.text(f"{name}: {spec_of(name).sentence}")
    profile, arguments = _size()
    name = st.text_input(
        "Name of the run", f"{domain.name}-{profile}-{st.session_state['seed']}", key=f"name-{domain.name}-{profile}",
        help="Its folder in the workspace.",
    )  # fmt: skip
    arguments = ["--model", model, "--methods", ",".join(methods), *arguments]
    chosen = choose_options()
    with st.container(horizontal=True):
        if st.button("Start", type="primary", disabled=not methods):
            start_run(space, domain, name.strip(), [*arguments, *chain(*chosen.values())])
        if st.button("Predict time and cost", help="Takes a minute or more; waits for running jobs, can be stopped."):
            predict(space, domain, arguments, chosen)


def _size() -> tuple[str, list[str]]:
    """How much is asked and how often is trained; returns the profile and the arguments."""
    one, two, three = st.columns(3)
    profile = one.selectbox(
        "Profile", list(PROFILES), key="profile", persist_state="session",
        help="smoke: minutes. standard: every fact once. full: every question.",
    )  # fmt: skip
    seed = two.number_input("Seed", 0, 10_000, 0, key="seed", persist_state="session",
                            help="Seed for sampling, document order and training.")  # fmt: skip
    seeds = three.number_input(
        "Trainings", 1, 10, None, placeholder="as the profile says", key="seeds", persist_state="session",
        help="Trains with several seeds and shows the spread. Left empty: 3 in profile full, else 1.",
    )  # fmt: skip
    return profile, ["--profile", profile, "--seed", str(int(seed)), *(["--seeds", str(int(seeds))] if seeds else [])]


def start_run(space: Workspace, domain: Path, name: str, arguments: Sequence[str]) -> None:
    """Start a run as a job. Raises TriviumError where its name cannot be used."""
    jobs.start_run(space.runs, domain, name, arguments)
    st.rerun()
