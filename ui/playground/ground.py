"""The model that is asked: that of a run or of a training of the lab, loaded once for all tabs."""

import threading
from pathlib import Path

import streamlit as st

from data.schema import Question
from evaluation.grading.grader import Grader
from evaluation.grading.rules import GradeName
from evaluation.lab.playground import Playground
from ui.workspace import Workspace

LOCK = threading.Lock()  # one model, one question at a time, however many tabs are open
LAB = "lab: "  # before the name of a training


@st.cache_resource(show_spinner="Loading the model, its index and its adapter", max_entries=1)
def _opened(path: Path, changed: float) -> Playground:
    return Playground(path)


def ground_of(path: Path) -> Playground:
    """Opened again when the run was carried on since."""
    return _opened(path, (path / "run.json").stat().st_mtime)


def places(space: Workspace) -> dict[str, Path]:
    """Finished runs and what the lab has trained, by name, the newest first."""
    lab = [path.parent for path in (space.runs / ".lab").glob("*/lab.json") if list(path.parent.glob("adapters/*"))]
    trained = sorted(lab, key=lambda path: path.stat().st_mtime, reverse=True)
    return {f"{LAB}{path.name}": path for path in trained} | {path.name: path for path in space.finished()}


@st.cache_resource(max_entries=4)
def _grader(language: str) -> Grader:
    return Grader(language=language)


def mark_of(ground: Playground, question: Question, answer: str) -> str:
    """✓ or ✗ with a word, where the domain knows what is right."""
    (grade,) = _grader(ground.domain.settings.language).grade([(question, answer)])
    right = grade.grade == (GradeName.CORRECT if question.answerable else GradeName.ABSTAINED)
    if grade.grade == GradeName.ABSTAINED and not right:
        return "– said “unknown”"
    return "✓ right" if right else "? not graded" if grade.grade == GradeName.UNSCORED else "✗ wrong"


def known(ground: Playground, text: str) -> Question | None:
    """The question of the domain that is worded so."""
    return next((question for question in ground.domain.split("test") if question.question == text), None)
