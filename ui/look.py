"""How things are drawn: charts over the whole width of their place."""

from typing import Any

import streamlit as st


def draw(chart: Any, place: Any = st, height: int | None = 330) -> None:
    """A chart over the whole width; the height takes in its title, axes and legend."""
    sized = chart.properties(height=height) if height else chart
    place.altair_chart(sized, width="stretch")
