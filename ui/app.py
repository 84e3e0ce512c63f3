"""The app that `trivium ui` starts: pages over one workspace. It reads run folders and starts runs as processes."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import streamlit as st

from evaluation.report.outcomes import LOOK
from ui.links import enter
from ui.menu import fold_menu


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
        enter(self.address)
        page()


ENTRIES = (
    Entry("report", "Report", "flag", "ui.report.page", "report_page"),
    Entry("answers", "Answers", "forum", "ui.answers.page", "answers_page"),
    Entry("compare", "Compare", "compare_arrows", "ui.compare.page", "compare_page"),
    Entry("costs", "Costs", "payments", "ui.costs.page", "costs_page"),
    Entry("drills", "Drills", "tune", "ui.drills.page", "drills_page"),
    Entry("data", "Data", "folder_open", "ui.domain.page", "data_page"),
    Entry("runs", "Runs", "play_circle", "ui.run.page", "runs_page"),
    Entry("playground", "Playground", "science", "ui.playground.page", "playground_page"),
    Entry("lab", "Lab", "school", "ui.lab.page", "lab_page"),
)


def main() -> None:
    """Show the page that the address names; the report without one."""
    here = Path(__file__).parent
    st.set_page_config(page_icon=str(here / "icon.svg"), layout="wide")  # before the menu
    st.logo(str(here / f"wordmark-{st.context.theme.type or 'light'}.svg"), size="large")
    st.html(here / "look.css")
    st.html(LOOK)
    pages = {
        entry.address: st.Page(
            entry.show, title=entry.title, icon=f":material/{entry.icon}:", url_path=entry.address,
            default=entry is ENTRIES[0],
        )
        for entry in ENTRIES
    }  # fmt: skip
    st.session_state["pages"] = pages
    page = st.navigation(list(pages.values()), position="top")
    st.set_page_config(page_title=f"{page.title} – Trivium")
    fold_menu(page.title)
    page.run()


if __name__ == "__main__":
    main()
