"""Two runs side by side: outcomes, differences, and the answers that changed, down to both of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from data.load import load_domain
from ui.compare.figures import _apart

Open = Callable[..., AppTest]


def _two(make_run: Any, right: Any, tmp_path: Path) -> None:
    make_run("better", load_domain(tmp_path / "domain"), {"base": right, "rag": right})


def test_two_runs_are_compared(
    opened: Open, texts: Callable[[AppTest], str], runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    _two(make_run, right, tmp_path)
    page = opened("compare", runs, runs=["made-up", "better"], became="gained")
    assert not page.exception
    assert not page.error
    outcomes, differences, changed = (frame.value for frame in page.dataframe)
    assert list(outcomes[outcomes["method"] == "base"]["right"]) == [0.0, 100.0]
    assert list(differences["gained"]) == [7, 0]
    assert list(differences["points"]) == [100, 0]
    assert list(changed["made-up"]) == ["✗ <script>alert(1)</script>"] * 7
    assert "the same" in texts(page)


def test_an_address_opens_both_answers(opened: Open, runs: Path, make_run: Any, right: Any, tmp_path: Path) -> None:
    _two(make_run, right, tmp_path)
    page = opened("compare", runs, runs=["made-up", "better"], became="gained", flip="flag0-q")
    assert not page.exception
    shown = [html.proto.body for html in page.get("html")]
    assert any("<del>&lt;script&gt;alert(1)&lt;/script&gt;</del> <ins>otter</ins>" in body for body in shown)


def test_one_run_alone_says_what_is_needed(opened: Open, texts: Callable[[AppTest], str], runs: Path) -> None:
    page = opened("compare", runs)
    assert not page.exception
    assert "Two finished runs are needed" in texts(page)


def test_of_a_setting_with_parts_those_that_differ_are_told() -> None:
    before, after = {"rank": 16, "batch_size": 8}, {"rank": 16, "batch_size": 4, "reading": True}
    assert _apart("training", before, after) == [("training: batch size", 8, 4), ("training: reading", "–", True)]
    assert _apart("seed", 0, 1) == [("seed", 0, 1)]
