"""The playground where there is nothing to ask."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest


def test_nothing_to_ask(opened: Callable[..., AppTest], texts: Callable[[AppTest], str], tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    page = opened("playground", tmp_path / "runs")
    assert not page.exception
    assert "nothing to ask yet" in texts(page)
