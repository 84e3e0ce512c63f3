"""The lab's three views in a browser; which one is open stands in the address."""

from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, WIDE, Tab

from evaluation.preferences.rankings import Ranking, keep_ranking

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (`.ci/run` installs it)")


def test_the_views_are_changed_and_found_again_by_their_address(context: Any, address: str, shown_runs: Path) -> None:
    said = "<script>alert(1)</script>"
    keep_ranking(
        shown_runs / "made-up",
        Ranking(question_id="q1", question="Which animal?", answers=("an otter", said), ranks=(2, 1), by="ann"),
    )
    tab = Tab(context, address)
    tab.open("lab")
    tab.sees("Training lab")
    tab.page.get_by_role("radio", name="Prefer").or_(tab.page.get_by_role("button", name="Prefer")).first.click()
    tab.settle()
    tab.sees("4 The model moved", 30)
    tab.sees(said)
    tab.page.reload()
    tab.sees("Tune the model on these preferences", 30)
    tab.page.set_viewport_size({"width": 400, "height": 900})
    tab.settle()
    assert not tab.page.evaluate(WIDE)
    tab.page.get_by_role("radio", name="A model's life").or_(
        tab.page.get_by_role("button", name="A model's life")
    ).first.click()
    tab.settle()
    tab.sees("No preference tuning yet", 30)
    assert not tab.page.evaluate(WIDE)
    tab.is_well()
