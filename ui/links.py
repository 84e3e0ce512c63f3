"""What a person has chosen stands in the address, and is still there after another page or a reload.

Streamlit binds the value of a widget to the address itself (`bind="query-params"`). This is for what no single widget
holds: the run, the opened question, the compared runs.
"""

from collections.abc import Iterable

import streamlit as st

_KEPT, _WRITTEN, _PAGE = "kept_choices", "written_to_the_address", "page_before"


def enter(page: str) -> None:
    """Note which page is shown. Called before the page: changing it empties the address, which forgets no choice."""
    st.session_state["arrived"] = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page


def kept(name: str) -> list[str]:
    """The choice of this name: what the address says, else what was chosen last.

    The address counts where it says something that was not written there from here: a link, or the browser's Back.
    """
    memory: dict[str, list[str]] = st.session_state.setdefault(_KEPT, {})
    written: dict[str, list[str]] = st.session_state.setdefault(_WRITTEN, {})
    told = st.query_params.get_all(name)
    if told and told != written.get(name):
        memory[name] = told
    elif not told and written.get(name) and not st.session_state.get("arrived", True):
        memory.pop(name, None)  # Back to where nothing was chosen
    keep(name, memory.get(name, []))
    return memory.get(name, [])


def kept_one(name: str) -> str | None:
    """A choice that has one value."""
    found = kept(name)
    return found[-1] if found else None


def keep(name: str, values: Iterable[str]) -> None:
    """Choose; no values: nothing is chosen any longer."""
    chosen = list(values)
    st.session_state.setdefault(_KEPT, {})[name] = chosen
    st.session_state.setdefault(_WRITTEN, {})[name] = chosen
    if st.query_params.get_all(name) == chosen:
        return
    if chosen:
        st.query_params[name] = chosen
    else:
        del st.query_params[name]


def go(page: str, **choices: str) -> None:
    """Change to another page of the menu with these choices made: widgets by their key, everything else by its name."""
    for name, value in choices.items():
        st.session_state.setdefault(_KEPT, {})[name] = [value]
    st.switch_page(st.session_state["pages"][page], query_params=choices)
