"""How things are drawn: still charts as pictures in the colours of the page, live ones by Vega in the browser."""

import json
from html import escape
from typing import Any
from urllib.parse import quote

import streamlit as st

from evaluation.report.drawing import svg

WIDE, NARROW = 520, 290  # pixels of the plot; each is shown where it fits
TEXT = {"light": "#31333f", "dark": "#e6e8eb"}
FONT = "Arial, Helvetica, sans-serif"
_LINES = "rgba(128,128,128,.28)"


def draw(chart: Any, place: Any = st, height: int | None = 330) -> None:
    """A live chart over the whole width; the height takes in its title, axes and legend."""
    sized = chart.properties(height=height) if height else chart
    place.altair_chart(sized, width="stretch")


def say_first(sentence: str) -> None:
    """What a page has to say, in its largest letters below the title."""
    st.html(f'<h2 class="headline">{escape(sentence)}</h2>')


def draw_still(chart: Any, told: str, place: Any = st) -> None:
    """A chart that is there at once: drawn here, in two widths, of which the page shows the one that fits.

    Args:
        told: what it shows, for those who do not see it.
    """
    text = TEXT[st.context.theme.type or "light"]
    drawn = "".join(
        f'<img class="{name}" alt="{escape(told)}" src="{_image(json.dumps(_fitted(chart, width, text).to_dict()))}">'
        for name, width in (("wide-chart", WIDE), ("narrow-chart", NARROW))
    )
    place.html(f'<figure class="chart">{drawn}</figure>')


def _fitted(chart: Any, width: int, text: str) -> Any:
    """The chart in the colour of the text around it."""
    axis = dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor"), text)
    words = {"labelColor": text, "titleColor": text}
    small = 12 if width == WIDE else 10.5
    return (
        chart.properties(width=width)
        .configure(background="transparent", font=FONT)
        .configure_axis(gridColor=_LINES, labelFontSize=12, titleFontSize=small, titleFontWeight="normal", **axis)
        .configure_axisX(labelOverlap="greedy")
        .configure_legend(labelFontSize=12, symbolStrokeWidth=2.5, **words)
        .configure_title(color=text, fontSize=14, anchor="start")
        .configure_header(**words)
        .configure_view(stroke=None)
        .configure_text(color=text, fontSize=12)
    )


@st.cache_data(show_spinner=False, max_entries=256)
def _image(spec: str) -> str:
    """An address that is the picture itself; drawn once for each content."""
    import altair as alt

    return f"data:image/svg+xml,{quote(svg(alt.Chart.from_dict(json.loads(spec))))}"
