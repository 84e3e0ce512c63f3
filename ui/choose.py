"""What is looked at: the workspace, its runs and its domains, the line of a table that a person chose."""

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from data import jsonl
from data.errors import TriviumError
from evaluation.analysis.graded_run import GradedRun
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from ui.text import plain

SAMPLE = Path("data/orrin_ferries")


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

    @property
    def command(self) -> str:
        """How to run the sample domain, where it is here; else any domain."""
        return f"trivium run {SAMPLE if (self.root / SAMPLE).is_dir() else 'DOMAIN'} --profile smoke"


def workspace() -> Workspace:
    """The one that `trivium ui` was started for."""
    return Workspace(Path(sys.argv[1] if len(sys.argv) > 1 else "runs").resolve())


def show_errors(page: Callable[..., None]) -> Callable[..., None]:
    """A page, or a part of one, whose expected failures are a sentence; what is left of the page stays."""

    @wraps(page)
    def shown(*arguments: Any) -> None:
        try:
            page(*arguments)
        except TriviumError as error:
            st.error(plain(error), icon=":material/error:")
        except OSError as error:
            st.error(plain(f"{error.filename}: {error.strerror}."), icon=":material/error:")

    return shown


@contextmanager
def reading(run: Path) -> Iterator[None]:
    """Whatever a damaged or foreign run makes its reader do is told as that run's fault.

    Raises:
        TriviumError: the files of the run do not fit each other, or are not what they should be.
    """
    try:
        yield
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise TriviumError(
            f"{run}: a file of this run is damaged or does not fit the others ({type(error).__name__}: {error}). "
            f"`trivium score {run}` makes scores and results again."
        ) from error


def titled(title: str) -> Any:
    """A page's title; returns the place beside it, for what the page is about."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    left.title(title, anchor=False)
    return right


def choose_run(space: Workspace, title: str) -> Path | None:
    """The page's title, and a finished run; the choice stays when the page is changed. None: there is none yet."""
    beside, names = titled(title), [path.name for path in space.finished()]
    if not names:
        st.info(f"No run has finished yet. Start one on the page Runs, or type `{space.command}`.",
                icon=":material/route:")  # fmt: skip
        return None
    asked = st.query_params.get("run")
    wanted = asked or st.session_state.get("kept_run")
    missing = asked is not None and asked not in names
    place = None if missing else names.index(wanted) if wanted in names else 0
    chosen = beside.selectbox(
        "Run", names, index=place, placeholder="Choose a run", help="The newest first. The page Runs starts another."
    )
    if chosen is None:
        st.warning(plain(f"There is no finished run named '{asked}' here. Choose one above."))
        return None
    st.session_state["kept_run"] = chosen
    st.query_params["run"] = chosen
    return space.runs / str(chosen)


def pick_line(frame: pd.DataFrame, ids: Sequence[str], key: str, **options: Any) -> int | None:
    """A table whose lines can be opened; returns the number of the one that was chosen.

    Streamlit remembers the number of a line, not what stood there. A table with other lines is therefore another table:
    the choice ends with it, and never falls on a line that nobody chose.

    Args:
        ids: what each line is about, in their order.
    """
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:12]
    event = st.dataframe(
        frame, hide_index=True, key=f"{key}-{digest}", on_select="rerun",
        selection_mode=["single-row", "single-cell"], **options,
    )  # fmt: skip
    chosen = [*event["selection"]["rows"], *(cell[0] for cell in event["selection"]["cells"])]
    return int(chosen[0]) if chosen else None


def rows_so_far(path: Path) -> list[Any]:
    """The lines of a file that another process still writes; of the last one only half may be there."""
    return [line.value() for line in jsonl.lines(path) if line.ended] if path.exists() else []


def draw(chart: Any, place: Any = st, height: int | None = 330) -> None:
    """A chart over the whole width; the height takes in its title, axes and legend."""
    sized = chart.properties(height=height) if height else chart
    place.altair_chart(sized, width="stretch")


@st.cache_resource(show_spinner="Reading the answers", max_entries=4)
def _read(run: Path, changed: float) -> GradedRun:
    with reading(run):
        graded = GradedRun(RunFolder(run))
        _ = graded.answers  # read here, where a failure becomes a sentence
        return graded


def graded_run_of(run: Path) -> GradedRun:
    """The answers of a run, read again when they were graded again."""
    return _read(run, (run / "scores.jsonl").stat().st_mtime)


@st.cache_data(show_spinner=False, max_entries=8)
def _results(run: Path, changed: float) -> Results:
    with reading(run):
        return read_results(RunFolder(run))


def results_of(run: Path) -> Results:
    """results.json of a run, read again when it changed."""
    return _results(run, (run / "results.json").stat().st_mtime)
