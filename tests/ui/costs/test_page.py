"""Costs: they follow the sliders."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest


def test_costs_follow_the_sliders(opened: Callable[..., AppTest], texts: Callable[[AppTest], str], runs: Path) -> None:
    page = opened("costs", runs)
    before = page.dataframe[1].value
    assert "right answer costs least with rag" in texts(page)
    next(slider for slider in page.slider if slider.label == "Months").set_value(36).run()
    assert not page.exception
    after = page.dataframe[1].value
    assert "first year" in before.columns
    assert "36 months" in after.columns
    assert list(before["first year"]) != list(after["36 months"])
