"""Cards of the two methods in question, in numbers for people."""

import re
from pathlib import Path
from typing import Any

import pytest

from evaluation.report.cards import _time, cards, compared
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "n/a"), (0.0, "0 s"), (0.004, "< 0.01 s"), (0.1449, "0.14 s"), (36.4, "36 s"), (89.0, "89 s"),
     (725.0, "12 min"), (12_300.0, "3.4 h")],
)  # fmt: skip
def test_time_in_two_digits(seconds: float | None, text: str) -> None:
    assert _time(seconds) == text


def test_the_recommended_method_and_the_next_one_are_shown(runs: Path) -> None:
    results = read_results(RunFolder(runs / "made-up"))
    verdict: Any = results.verdict.model_copy(update={"recommended": "rag", "ranking": ["base", "rag", "lost"]})
    found = results.model_copy(update={"verdict": verdict})
    assert compared(found) == ["rag", "base"]
    page = cards(found)
    assert re.findall("<dt>(.*?)</dt>", page) == ["First year", "One question alone", "To prepare"]
    assert page.count("search (rag)") == 3
    row = results.costs.methods["rag"].model_copy(update={"total": 121.4, "assumed": 60.7})
    costs = results.costs.model_copy(update={"methods": results.costs.methods | {"rag": row}})
    assert "<b>$120</b> search (rag), 50% of it assumed" in cards(found.model_copy(update={"costs": costs}))


def test_where_nothing_can_be_recommended_there_are_no_cards(runs: Path) -> None:
    results = read_results(RunFolder(runs / "made-up"))
    verdict = results.verdict.model_copy(update={"recommended": None, "ranking": []})
    assert cards(results.model_copy(update={"verdict": verdict})) == ""
