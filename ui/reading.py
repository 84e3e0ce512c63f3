"""What the pages read of a run, kept in memory until its files change; what is damaged becomes a sentence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import streamlit as st

from data import jsonl
from data.errors import TriviumError
from evaluation.analysis.graded_run import GradedRun
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from ui.text import plain


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


@st.cache_resource(show_spinner="Reading the answers", max_entries=4)
def _graded(run: Path, changed: float) -> GradedRun:
    with reading(run):
        graded = GradedRun(RunFolder(run))
        _ = graded.answers  # read here, where a failure becomes a sentence
        return graded


def graded_run_of(run: Path) -> GradedRun:
    """The answers of a run, read again when they were graded again."""
    return _graded(run, (run / "scores.jsonl").stat().st_mtime)


@st.cache_resource(show_spinner=False, max_entries=8)
def _results(run: Path, changed: float) -> Results:
    with reading(run):
        return read_results(RunFolder(run))


def results_of(run: Path) -> Results:
    """results.json of a run, read again when it changed."""
    return _results(run, (run / "results.json").stat().st_mtime)


def rows_so_far(path: Path) -> list[Any]:
    """The lines of a file that another process still writes; of the last one only half may be there."""
    return [line.value() for line in jsonl.lines(path) if line.ended] if path.exists() else []
