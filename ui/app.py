"""The app that `trivium ui` starts: pages over one workspace. It reads run folders and starts runs as processes."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import streamlit as st


@dataclass(frozen=True)
class Entry:
    """One page of the menu: its address, title and icon, and where the function lies that shows it."""

    address: str
    title: str
    icon: str
    module: str
    function: str

    def show(self) -> None:
        """What a page needs is imported when it is opened, so that the first one does not wait for the others."""
        page: Callable[[], None] = getattr(import_module(self.module), self.function)
        page()


ENTRIES = (
    Entry("report", "Report", "flag", "ui.report_page", "report_page"),
    Entry("answers", "Answers", "forum", "ui.answers_page", "answers_page"),
    Entry("costs", "Costs", "payments", "ui.costs_page", "costs_page"),
    Entry("data", "Data", "folder_open", "ui.data_page", "data_page"),
    Entry("runs", "Runs", "play_circle", "ui.runs_page", "runs_page"),
    Entry("playground", "Playground", "science", "ui.playground_page", "playground_page"),
    Entry("lab", "Lab", "school", "ui.lab_page", "lab_page"),
)


def main() -> None:
    """Show the page that the address names; the report without one."""
    icon = str(Path(__file__).with_name("icon.svg"))
    st.set_page_config(page_icon=icon, layout="wide")  # before the menu: its icons come from elsewhere
    pages = [
        st.Page(
            entry.show, title=entry.title, icon=f":material/{entry.icon}:", url_path=entry.address,
            default=entry is ENTRIES[0],
        )
        for entry in ENTRIES
    ]  # fmt: skip
    st.session_state["report_page"] = pages[0]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} – Trivium")
    page.run()


if __name__ == "__main__":
    main()
