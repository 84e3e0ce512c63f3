"""Differences between methods over made-up tables of answers: what is shown never says two things at once."""

import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import evaluation.analysis.statistics as resampling
from data.schema import Question
from evaluation.analysis.contrasts import contrasts_until_decided, family_contrasts
from evaluation.analysis.verdict import describe
from evaluation.grading.rules import GradeName
from evaluation.report.tables import _contrast_row
from evaluation.results.verdict import Contrast

METHODS = ("inject", "rag", "lora", "lora+rag")
GRADES = (GradeName.CORRECT, GradeName.ABSTAINED, GradeName.WRONG)
Tables = SearchStrategy[dict[str, list[GradeName]]]


@st.composite
def tables(draw: Any) -> dict[str, list[GradeName]]:
    """Grades by method: each copies a common answer with one chance, and draws its own with another."""
    facts, seed = draw(st.integers(50, 200)), draw(st.integers(0, 10**6))
    rng = random.Random(seed)
    common = rng.choices(GRADES, k=facts)
    out = {}
    for name in METHODS:
        alike, right, unknown = (draw(st.floats(0, 1)) for _ in range(3))
        shares = (right, (1 - right) * unknown, (1 - right) * (1 - unknown))
        own = rng.choices(GRADES, [share + 1e-9 for share in shares], k=facts)
        out[name] = [one if rng.random() < alike else other for one, other in zip(common, own, strict=True)]
    return out


def contrasts_of(grades: dict[str, list[GradeName]], until_decided: bool = False) -> list[Contrast]:
    def rows(name: str, phase: str) -> Any:
        asked = enumerate(grades[name] if phase == "main" else ())
        return [
            (Question(id=f"q{n}", question=f"q{n}", answers=("a",), fact_id=f"f{n}", category="paraphrased"), None, g)
            for n, g in asked
        ]

    if until_decided:
        return contrasts_until_decided(list(grades), rows, None)
    return family_contrasts(list(grades), rows, None, 0)


def _interval(text: str) -> tuple[float, float]:
    """As it is written; the cells of a contrast are the same in terminal, page, Markdown and app."""
    low, high = re.findall(r"\((\S+) to (\S+)\)", text)[0]
    return float(low.replace("−", "-")), float(high.replace("−", "-"))


@pytest.fixture
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand samples: enough for a rule that has to hold whatever is drawn."""
    monkeypatch.setattr(resampling, "RESAMPLES", 1000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grades=tables(), until_decided=st.booleans())
@pytest.mark.usefixtures("few_samples")
def test_an_interval_never_contradicts_its_verdict(grades: dict[str, list[GradeName]], until_decided: bool) -> None:
    """Neither in results.json nor as it is written: none that leaves out 0 beside "too close to call", none with 0
    beside a method that is ahead."""
    for row in contrasts_of(grades, until_decided):
        cells, said, decided = _contrast_row(row), describe(row), row.verdict in ("a", "b")
        assert (row.ci_low > 0 or row.ci_high < 0) is (row.p_value < 0.05) is decided
        for text in (f"({cells[4]})", said):
            low, high = _interval(text)
            assert (low > 0 or high < 0) is decided
        assert ("too close to call" in said) is (cells[-1] == "too close to call") is not decided


def test_all_pairs_are_in_one_of_the_two_families() -> None:
    grades = {name: list(np.roll(GRADES * 20, place)) for place, name in enumerate(METHODS)}
    found = contrasts_of(grades)
    primary = [(row.a, row.b, row.outcome) for row in found if row.family == "primary"]
    named = [("rag", "lora"), ("inject", "rag"), ("lora+rag", "rag")]
    assert primary == [(*pair, outcome) for outcome in ("right", "wrong") for pair in named]
    overall = {frozenset((row.a, row.b)) for row in found if row.category == "overall"}
    assert len(overall) == 6


def test_a_run_until_decided_names_all_pairs_before_it() -> None:
    grades = {name: list(np.roll(GRADES * 20, place)) for place, name in enumerate(METHODS)}
    found = contrasts_of(grades, until_decided=True)
    assert {(row.family, row.category) for row in found} == {("primary", "overall"), ("secondary", "paraphrased")}
    assert len({(frozenset((row.a, row.b)), row.outcome) for row in found if row.family == "primary"}) == 12
