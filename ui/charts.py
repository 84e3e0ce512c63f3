"""Charts that only the app draws: costs month by month, and what the playground and the lab measure."""

from typing import Any

import altair as alt
import pandas as pd

from evaluation.report.charts import BAR, LINE, THIRD, Chart, colour_of
from evaluation.results.costs import CostPage


def ownership_lines(page: CostPage) -> Chart:
    """Total cost month by month for this one scenario, with what errors cost where they have a price."""
    scenario = page.scenario
    priced = scenario.wrong_answer > 0 or scenario.no_answer > 0
    rows = [
        {"method": name, "month": month,
         "total": total + month * scenario.queries_per_month * (row.with_errors - row.amortised)}
        for name, row in page.methods.items()
        if row.fits
        for month, total in enumerate(row.totals, 1)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["method", "month", "total"]).query("total > 0")
    colour: Any = colour_of(frame, legend=alt.Legend(title=None, orient="top"))
    # One legend for both, which it is where title and domain are the same.
    dash = alt.StrokeDash("method:N", title=None, scale=alt.Scale(domain=colour.to_dict()["scale"]["domain"]))
    line = alt.Chart(frame).mark_line(strokeWidth=2.5)
    return line.encode(
        x=alt.X("month:Q", title="months", scale=alt.Scale(domain=[1, 36], nice=False)),
        y=alt.Y("total:Q", title=f"{page.currency} (log scale)", scale=alt.Scale(type="log"),
                axis=alt.Axis(format=",.2~r", tickCount=5)),
        color=colour.title(None), strokeDash=dash,
        tooltip=["method:N", "month:Q", alt.Tooltip("total:Q", format=",.4~g")],
    ).properties(width=520, height=320, title="Total cost, errors included" if priced else "Total cost")  # fmt: skip


def chances_chart(rows: list[dict[str, Any]], title: str) -> Chart:
    """Probability of some tokens, in the order given."""
    order = [row["token"] for row in rows]
    base = alt.Chart(pd.DataFrame(rows))
    return base.mark_bar(height=12, color=BAR).encode(
        x=alt.X("probability:Q", axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1]), title=None),
        y=alt.Y("token:N", sort=order, title=None, axis=alt.Axis(labelOverlap=False)),
        tooltip=["token", alt.Tooltip("probability", format=".2%")],
    ).properties(width=240, height=300, title=title)  # fmt: skip


def layers_chart(rows: list[dict[str, Any]]) -> Chart:
    """Norm of the gradient by layer and step, as a field of colours."""
    return alt.Chart(pd.DataFrame(rows)).mark_rect().encode(
        x=alt.X("step:O", title="training step", axis=alt.Axis(labelOverlap=True)),
        y=alt.Y("layer:O", title="layer", sort="descending", axis=alt.Axis(labelOverlap=True)),
        color=alt.Color("gradient:Q", title="gradient", scale=alt.Scale(scheme="viridis", type="log")),
        tooltip=["step", "layer", alt.Tooltip("gradient", format=".3g")],
    ).properties(width=520, height=260, title="Gradient that reaches each layer")  # fmt: skip


def lines_chart(rows: list[dict[str, Any]], x: str, y: str, title: str, log: bool = False, zero: bool = True) -> Chart:
    """Measured points joined by a line, one for each `kind` where rows have one."""
    frame = pd.DataFrame(rows)
    colour = alt.Color("kind:N", title=None, legend=alt.Legend(orient="top"), scale=alt.Scale(
        range=[LINE, BAR, THIRD]))  # fmt: skip
    scale = alt.Scale(type="log") if log else alt.Scale(zero=zero)
    points = alt.OverlayMarkDef() if "kind" in frame else alt.OverlayMarkDef(color=LINE)
    whole = alt.Axis(tickMinStep=1) if x in ("step", "layer") else alt.Axis()
    chart = alt.Chart(frame).mark_line(point=points, color=LINE).encode(
        x=alt.X(f"{x}:Q", title=x, axis=whole), y=alt.Y(f"{y}:Q", title=y, scale=scale),
        tooltip=[x, alt.Tooltip(y, format=".4~g")],
    )  # fmt: skip
    if "kind" in frame:
        dash = alt.StrokeDash("kind:N", title=None, legend=alt.Legend(orient="top"))
        chart = chart.encode(color=colour, strokeDash=dash)
    return chart.properties(width=520, height=260, title=title)


def amounts_chart(rows: list[dict[str, Any]], x: str, title: str) -> Chart:
    """Amounts that lie powers of ten apart, as dots on one logarithmic axis."""
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("phase:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
        x=alt.X(f"{x}:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~e", tickCount=6)),
        tooltip=["phase", alt.Tooltip(x, format=".3~e"), "source"],
    )  # fmt: skip
    return base.mark_point(size=120, filled=True, color=LINE).properties(width=520, height=140, title=title)
