"""What is looked at: the workspace, its runs and its domains."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import streamlit as st

from data.errors import TriviumError
from evaluation.analysis.graded_run import Drill
from evaluation.run.folder import RunFolder
from ui.text import plain

DEMO = "trivium run data/orrin_ferries --profile smoke"


@dataclass(frozen=True)
class Workspace:
    """Where the app reads and writes: the folder with the runs, and the folder around it, in which domains lie."""

    runs: Path

    @property
    def root(self) -> Path:
        return self.runs.parent

    def finished(self) -> list[Path]:
        """Runs that have results, the newest first."""
        found = self.runs.glob("*/results.json")
        return [path.parent for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]

    def domains(self) -> list[Path]:
        """Folders with a documents/ folder, here or one level down."""
        found = [*self.root.glob("*/documents"), *self.root.glob("*/*/documents")]
        hidden = (path for path in found if not any(part.startswith(".") for part in path.relative_to(self.root).parts))
        return sorted(path.parent for path in hidden if path.is_dir() and self.runs not in path.parents)

    def name(self, path: Path) -> str:
        """A path inside the workspace as a person would write it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def workspace() -> Workspace:
    """The one that `trivium ui` was started for."""
    return Workspace(Path(sys.argv[1] if len(sys.argv) > 1 else "runs").resolve())


def in_words(page: Callable[..., None]) -> Callable[..., None]:
    """A page whose expected failures are a sentence and not a traceback."""

    @wraps(page)
    def shown(*arguments: Any) -> None:
        try:
            page(*arguments)
        except (TriviumError, OSError, KeyError, ValueError) as error:
            st.error(f"This cannot be read: {plain(error)}", icon=":material/error:")

    return shown


def titled(title: str) -> Any:
    """A page's title; returns the place beside it, for what the page is about."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    left.title(title, anchor=False)
    return right


def choose_run(space: Workspace, title: str) -> Path | None:
    """The page's title, and a finished run; the choice stays when the page is changed. None: there is none yet."""
    beside, found, key = titled(title), space.finished(), "run"
    if not found:
        st.info(f"There is no finished run yet. Start one on the page Runs, or with `{DEMO}`.", icon=":material/route:")
        return None
    names = [path.name for path in found]
    wanted = st.query_params.get(key) or st.session_state.get(f"kept_{key}")
    place = names.index(wanted) if wanted in names else 0
    chosen = beside.selectbox("Run", names, index=place, help="Newest first. Start another on the page Runs.")
    st.session_state[f"kept_{key}"] = chosen
    st.query_params[key] = chosen
    return space.runs / str(chosen)


def draw(chart: Any, place: Any = st, height: int | None = 330) -> None:
    """A chart over the whole width; the height takes in its title, axes and legend."""
    sized = chart.properties(height=height) if height else chart
    place.altair_chart(sized, width="stretch")


@st.cache_resource(show_spinner="reading the answers", max_entries=4)
def _drill(run: Path, changed: float) -> Drill:
    return Drill(RunFolder(run))


def drill_of(run: Path) -> Drill:
    """The answers of a run, read again when they were graded again."""
    return _drill(run, (run / "scores.jsonl").stat().st_mtime)


@st.cache_data(show_spinner=False, max_entries=8)
def _results(run: Path, changed: float) -> dict[str, Any]:
    return RunFolder(run).results()


def results_of(run: Path) -> dict[str, Any]:
    """results.json of a run, read again when it changed."""
    return _results(run, (run / "results.json").stat().st_mtime)
