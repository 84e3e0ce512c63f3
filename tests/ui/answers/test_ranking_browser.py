"""Ten questions ranked by keyboard alone in a browser; a closed tab loses nothing."""

from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Tab

from evaluation.preferences.candidates import Candidates, keep_candidates
from evaluation.preferences.rankings import read_rankings

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (`.ci/run` installs it)")


def drawn(number: int) -> Candidates:
    answers = ("an otter", f"the seal of harbour {number}", "nobody knows")
    return Candidates(
        drawing="one", question_id=f"r{number}", question=f"Which animal is it at harbour {number}?", answers=answers,
        sources=answers,
    )  # fmt: skip


def opened(context: Any, address: str) -> Tab:
    tab = Tab(context, address)
    tab.page.goto(f"{address}/answers?run=made-up&view=Rank+by+preference")
    tab.page.wait_for_selector("h1", timeout=60_000)
    tab.settle()
    tab.sees("of 10 done", 60)
    return tab


def test_ten_questions_are_ranked_by_keys_alone(context: Any, address: str, shown_runs: Path) -> None:
    run = shown_runs / "made-up"
    keep_candidates(run, [drawn(number) for number in range(10)])
    tab = opened(context, address)
    for key in ("2", "3", "1"):
        tab.press(key)
    tab.sees("1 of 10 done")
    (first,) = read_rankings(run)
    assert sorted(first.ranks or ()) == [1, 2, 3]
    tab.press("u")
    tab.sees("0 of 10 done")
    assert read_rankings(run) == []
    for done in range(1, 5):
        tab.press("1")
        tab.press("Enter")
        tab.sees(f"{done} of 10 done")
    tab.press("b")
    tab.sees("5 of 10 done")
    for key in ("1", "=", "2", "3"):
        tab.press(key)
    tab.sees("6 of 10 done")
    tab.is_well()
    tab.page.close()
    other = opened(context, address)
    other.sees("6 of 10 done")
    for done in range(7, 11):
        other.press("3")
        other.press("Enter")
        other.sees(f"{done} of 10 done")
    other.sees("All are ranked")
    other.is_well()
    found = read_rankings(run)
    assert len(found) == 10
    assert [ranking.ranks is None for ranking in found].count(True) == 1
    assert sum(sorted(ranking.ranks or ()) == [1, 1, 2] for ranking in found) == 1
    assert sum(sorted(ranking.ranks or ()) == [1, 2, 2] for ranking in found) == 8
