"""Ranking in the app: answers are drawn from there, and what keys mean."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import says_right, write_domain, write_run
from streamlit.testing.v1 import AppTest

from data.load import load_domain
from evaluation.preferences.candidates import Candidates, Drawing, keep_candidates
from evaluation.preferences.rankings import read_rankings


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    domain = load_domain(write_domain(tmp_path / "domain"))
    write_run(tmp_path / "runs" / "made-up", domain, {"base": says_right, "rag": says_right})
    return tmp_path / "runs"


def test_answers_are_drawn_and_ranked_by_buttons_too(
    opened: Callable[..., AppTest], button: Callable[..., object], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def drawn_for(run: Path, domain: object, how: Drawing, budget: int, progress: object) -> None:
        asked.append(how.methods)
        keep_candidates(run, [
            Candidates(drawing=how.digest, question_id="q1", question="*Which* animal?", answers=("otter", "seal"),
                       sources=("base", "base"))
        ])  # fmt: skip

    monkeypatch.setattr("ui.answers.ranking.drawn_for", drawn_for)
    page = opened("answers", runs, run="made-up", view="Rank by preference")
    page = button(page, "Draw answers").click().run()  # type: ignore[attr-defined]
    assert not page.exception
    assert asked == [("base",)]
    assert any("Which" in header.value for header in page.header)
    page = button(page, "2").click().run()  # type: ignore[attr-defined]
    (ranking,) = read_rankings(runs / "made-up")
    assert sorted(ranking.ranks or ()) == [1, 2]
    page = button(page, "Undo").click().run()  # type: ignore[attr-defined]
    assert read_rankings(runs / "made-up") == []
    page = button(page, "Skip").click().run()  # type: ignore[attr-defined]
    assert any("All are ranked" in one.value for one in page.success)
