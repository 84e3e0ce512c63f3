"""The check before a run: what is wrong with a domain, what limits its figures, what each method could answer."""

from pathlib import Path
from typing import Any

import streamlit as st

from evaluation.drafting.check_domain import check_domain
from evaluation.run.plan import make_plan
from evaluation.run.settings import RunSettings
from ui.domain.reading import changed, domain_of, has_questions
from ui.links import go
from ui.text import plain
from ui.workspace import Workspace


@st.cache_data(show_spinner="Checking the domain", max_entries=4)
def _found(folder: Path, changed: float) -> dict[str, Any]:
    domain = domain_of(folder, changed)
    return check_domain(domain, make_plan(domain, RunSettings(domain=folder)))


def show_check(space: Workspace, folder: Path) -> None:
    """Errors, warnings and notes, then what each method is given the means to answer."""
    if not has_questions(folder):
        st.info("There are no questions to check yet.")
        return
    found = _found(folder, changed(folder))
    for kind, say in (("problems", st.error), ("warnings", st.warning), ("notes", st.info)):
        for sentence in found[kind][:20]:
            say(plain(sentence))
    leaks = len(found["leaks"])
    if leaks:
        st.error(f"{leaks} test questions are in the training set (tab Questions lists them).")
    if not found["problems"] and not leaks:
        st.success("No error and no leak: it can be run.", icon=":material/verified:")
    given = dict(found["answerable_by"])
    asked = given.pop("questions")
    means = ", ".join(f"{name} {n:,}" for name, n in given.items())
    st.caption(plain(f"Of {asked:,} answerable questions, each method has the means to answer: {means}."))
    st.caption("Without a model. How long a run takes, and what the model knows beforehand, is predicted on the page "
               "Runs.")  # fmt: skip
    if st.button("Run it", type="primary", disabled=bool(found["problems"])):
        go("runs", domain=space.name(folder), start="true")
