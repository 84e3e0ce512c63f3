"""The app that `trivium ui` starts: pages over one workspace. It reads run folders and starts runs as processes."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import streamlit as st

PAGES = {  # name of the module and of its address: title, icon
    "report": ("Report", "flag"),
    "answers": ("Answers", "forum"),
    "costs": ("Costs", "payments"),
    "data": ("Data", "folder_open"),
    "runs": ("Runs", "play_circle"),
    "playground": ("Playground", "science"),
    "lab": ("Lab", "school"),
}


def _opener(name: str) -> Callable[[], None]:
    """Shows a page; what it needs is imported when it is opened, so that the first one does not wait for others."""

    def show() -> None:
        getattr(import_module(f"ui.{name}_page"), f"{name}_page")()

    return show


st.set_page_config(page_title="Trivium", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
pages = [
    st.Page(_opener(name), title=title, icon=f":material/{icon}:", url_path=name, default=name == "report")
    for name, (title, icon) in PAGES.items()
]
st.session_state["report_page"] = pages[0]
st.navigation(pages, position="top").run()
