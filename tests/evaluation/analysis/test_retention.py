"""Of what the untrained model answers right, how much the trained one still does."""

from collections.abc import Mapping
from math import e
from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.analysis.retention import retention
from evaluation.grading.rules import GradeName

RIGHT, WRONG, REFUSED = GradeName.CORRECT, GradeName.WRONG, GradeName.ABSTAINED
BEFORE = {"a": RIGHT, "b": RIGHT, "c": RIGHT, "d": RIGHT, "e": WRONG, "f": WRONG}


def run_of(grades: Mapping[str, Mapping[str, GradeName]], names: list[str]) -> Any:
    """Only what the figures look at."""

    def rows(name: str, phase: str) -> list[Any]:
        assert phase == "retention"
        return [(SimpleNamespace(id=q), None, grade) for q, grade in grades.get(name, {}).items()]

    entries = {
        "base": {"0": {"details": {"neutral_loss": 2.0}}},
        "lora": {"0": {"details": {"neutral_loss": 3.0}}, "1": {"details": {}}},
    }
    return SimpleNamespace(names=names, rows=rows, record={"methods": entries})


def test_kept_refused_and_gained() -> None:
    after = {"a": RIGHT, "b": RIGHT, "c": REFUSED, "d": WRONG, "e": RIGHT, "f": WRONG}
    found = retention(run_of({"base": BEFORE, "lora": after}, ["base", "rag", "lora", "lora+rag"]), "lora")
    assert found is not None
    assert (found.asked, found.kept.n, found.kept.rate, found.refused, found.gained) == (6, 4, 0.5, 1, 1)
    assert found.kept.ci_low is not None
    assert found.kept.ci_high is not None
    assert found.kept.ci_low < 0.5 < found.kept.ci_high
    assert (found.perplexity_before, found.perplexity) == (pytest.approx(e**2), pytest.approx(e**3))


def test_methods_of_one_training_have_one_figure() -> None:
    run = run_of({"base": BEFORE, "lora": BEFORE}, ["base", "lora", "lora+rag"])
    assert retention(run, "lora+rag") == retention(run, "lora")


@pytest.mark.parametrize(
    ("name", "names"), [("rag", ["base", "rag", "lora"]), ("lora", ["rag", "lora"]), ("lora", ["base"])]
)
def test_nothing_is_said_of_what_was_not_asked(name: str, names: list[str]) -> None:
    asked = {one: BEFORE for one in names}
    assert retention(run_of(asked, names), name) is None


def test_a_model_that_knew_nothing_has_nothing_to_keep() -> None:
    ignorant = dict.fromkeys(BEFORE, WRONG)
    assert retention(run_of({"base": ignorant, "lora": BEFORE}, ["base", "lora"]), "lora") is None
