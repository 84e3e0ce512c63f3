"""What somebody finds who has no run yet: a finished one of the sample domain, and three ways on."""

from pathlib import Path

import streamlit as st

import data as data_package
from ui.jobs import start
from ui.links import go
from ui.text import plain
from ui.workspace import Workspace

SAMPLE_RUN = "sample"  # its name in the app and in the address
SAMPLE_DOMAIN = Path(str(data_package.__file__)).parent / "orrin_ferries"
_MADE = "orrin_ferries-smoke"


def sample_run() -> Path | None:
    """The run that comes with the program; only read."""
    path = Path(__file__).parent / "sample_run"
    return path if (path / "results.json").exists() else None


def invite(space: Workspace) -> None:
    """Nothing has been run here: what can be done first."""
    st.info("No run has finished yet. Three ways to begin:", icon=":material/route:")
    three_ways(space)


def told_of_sample(space: Workspace) -> None:
    """Says that this run is not the reader's own, and what could be."""
    if space.finished():
        st.caption("This run came with the program. It can be read, not changed.")
        return
    st.info(plain("No run of your own yet. This is a finished one of the sample domain: an invented ferry company, 48 "
                  "documents, 130 questions."), icon=":material/route:")  # fmt: skip
    three_ways(space)


def three_ways(space: Workspace) -> None:
    """Make the sample run here; bring one's own documents; teach five sentences."""
    with st.container(horizontal=True):
        if st.button("Make the sample run here (about 10 minutes)", icon=":material/play_arrow:"):
            make_sample_run(space)
        if st.button("Try your own documents", icon=":material/upload_file:"):
            go("data", tab="Upload")
        if st.button("Teach the model five sentences", icon=":material/school:"):
            go("lab")


def make_sample_run(space: Workspace) -> None:
    """Start the run of the demo, and show how far it is."""
    out, number = space.runs / _MADE, 2
    while out.exists():
        out, number = space.runs / f"{_MADE}-{number}", number + 1
    arguments = ["run", str(SAMPLE_DOMAIN), "--profile", "smoke", "--out", str(out)]
    start(space.runs, out.name, arguments, out, space.root)
    go("runs")
