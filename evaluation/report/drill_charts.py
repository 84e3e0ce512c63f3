"""Charts of drills, drawn from what their results hold as data; what is projected is hollow and its line broken."""

import altair as alt
import pandas as pd

from evaluation.report.charts import WIDTH, Chart
from evaluation.results.drill import Curve
from evaluation.run.registry import CONTESTANT_COLOURS, method_names, spec_of

_OTHERS = (*CONTESTANT_COLOURS, "#d55e00", "#009e73", "#e69f00")
_LONG = 18  # letters of a name that no longer fits beside others
_COLUMNS = ["method", "x", "y", "low", "high", "projected"]


def curve_frame(curve: Curve) -> pd.DataFrame:
    """One row a dot."""
    rows = [point.model_dump() | {"method": point.series} for point in curve.points]
    return pd.DataFrame(rows, columns=_COLUMNS)


def curve_chart(curve: Curve) -> Chart:
    """Lines of methods over a setting, with intervals where there are any."""
    frame = curve_frame(curve)
    named = any(isinstance(point.x, str) for point in curve.points)
    base = alt.Chart(frame).encode(
        x=_named(frame, curve) if named else _numbers(curve),
        y=alt.Y("y:Q", title=curve.y, scale=_height(curve), axis=_axis(curve)),
        color=_colours(frame, _legend(frame)),
        tooltip=["method:N", alt.Tooltip("y:Q", format=".1%" if curve.percent else ".3~g")],
    )  # fmt: skip
    shift = {"xOffset": alt.XOffset("method:N")} if named else {}
    spans = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2, opacity=0.45)
    dash = alt.StrokeDash("projected:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [4, 4]]), legend=None)
    hollow = alt.condition("datum.projected", alt.value(0), alt.value(1))
    dots = base.mark_point(size=80, filled=True, strokeWidth=2).encode(
        fillOpacity=hollow, stroke=_colours(frame, None), **shift
    )
    layers = [spans.encode(y="low:Q", y2="high:Q", **shift), dots]
    if not named:
        layers.insert(1, base.mark_line(strokeWidth=2, opacity=0.7).encode(strokeDash=dash))
    return alt.layer(*layers).properties(width=WIDTH, height=240, title=curve.title)


def _colours(frame: pd.DataFrame, legend: alt.Legend | None) -> alt.Color:
    """Of methods their own colours; of other series some that are told apart, each once as far as there are enough."""
    series = [str(name) for name in dict.fromkeys(frame["method"])]
    own = {name: spec_of(name).colour for name in series if name in method_names()}
    others = [name for name in series if name not in own]
    own |= {name: _OTHERS[place % len(_OTHERS)] for place, name in enumerate(others)}
    scale = alt.Scale(domain=series, range=[own[name] for name in series])
    return alt.Color("method:N", scale=scale, legend=legend)


def _legend(frame: pd.DataFrame) -> alt.Legend:
    """Names beside each other where they are short."""
    long = frame["method"].map(len).max() > _LONG if len(frame) else False
    return alt.Legend(title=None, orient="top", columns=1 if long else 3, symbolLimit=20, labelLimit=WIDTH)


def _named(frame: pd.DataFrame, curve: Curve) -> alt.X:
    order = list(dict.fromkeys(frame["x"]))
    return alt.X("x:N", sort=order, title=curve.x, axis=alt.Axis(labelAngle=0 if len(order) < 4 else -35))


def _numbers(curve: Curve) -> alt.X:
    shares = curve.x.startswith("share")
    scale = alt.Scale(type="symlog" if curve.log_x and _has_zero(curve) else "log") if curve.log_x else alt.Scale()
    shown = alt.Axis(format="%" if shares else "~s" if curve.log_x else ",~r", tickCount=6, labelOverlap="greedy")
    return alt.X("x:Q", title=curve.x, scale=scale, axis=shown)


def _has_zero(curve: Curve) -> bool:
    return any(point.x == 0 for point in curve.points)


def _height(curve: Curve) -> alt.Scale:
    if curve.percent:
        return alt.Scale(domain=[0, 1])
    return alt.Scale(type="log") if curve.log_y else alt.Scale(zero=True)


def _axis(curve: Curve) -> alt.Axis:
    """Vega takes as many digits as ticks need to differ, with which "g" would write 80 as 8e+1."""
    return alt.Axis(format="%" if curve.percent else "~s" if curve.log_y else ",~r", tickCount=5)


def in_words(curve: Curve) -> str:
    """What a chart shows, for those who do not see it."""
    return f"{curve.y} by {curve.x}, for {', '.join(dict.fromkeys(point.series for point in curve.points))}."
