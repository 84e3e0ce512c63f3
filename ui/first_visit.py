"""What somebody finds who has no run yet: a finished one of the sample domain, and three ways on."""

from datetime import datetime
from pathlib import Path

import streamlit as st

import data as data_package
from data.findings import counted
from evaluation.jobs.job import start
from evaluation.run.folder import RunFolder
from ui.links import go
from ui.text import plain
from ui.workspace import Workspace

SAMPLE_RUN = "sample"  # its name in the app and in the address
SAMPLE_DOMAIN = Path(str(data_package.__file__)).parent / "orrin_ferries"
SAMPLE_FOLDER = Path(__file__).parent / "sample_run"
_MADE = "orrin_ferries-smoke"


def sample_run() -> Path | None:
    """The run that comes with the program; only read."""
    return SAMPLE_FOLDER if (SAMPLE_FOLDER / "results.json").exists() else None


def made_on() -> str:
    """When and on what machine the run was made that comes with the program."""
    record = RunFolder(SAMPLE_FOLDER).record()
    made = datetime.fromisoformat(record["created"])
    machine = record.get("machine") or {}
    cores = f" on {counted(machine['cores'], 'core')}" if machine.get("cores") else ""
    kind = f" ({machine['system']}, {machine['kind']})" if machine.get("system") else ""
    return f"Made on {made.day} {made:%B %Y}{cores}{kind} in {max(1, round(record['seconds'] / 60))} minutes."


def invite(space: Workspace) -> None:
    """Nothing has been run here: what can be done first."""
    st.info("No run has finished yet. Three ways to begin:", icon=":material/route:")
    three_ways(space)


def told_of_sample(space: Workspace) -> None:
    """Says that this run is not the reader's own, where it comes from, and what could be done next."""
    if space.finished():
        st.caption(plain(f"This run came with the program. {made_on()} It can be read, not changed."))
        return
    st.info(plain("No run of your own yet. This finished run of the sample domain came with the program: an invented "
                  f"ferry company. {made_on()}"), icon=":material/route:")  # fmt: skip
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
