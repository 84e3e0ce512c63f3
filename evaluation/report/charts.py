"""The charts of the report, each drawn from a tidy frame made from results.json."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from math import log10
from typing import Any

import altair as alt
import pandas as pd

from evaluation.results.costs import CostPage
from evaluation.results.schema import Results
from evaluation.run.registry import method_names, spec_of

Chart = Any  # altair types its chained methods as Any; every function here returns one of its charts

LINE, BAR, THIRD = "#d55e00", "#0083d6", "#009e73"  # where no method is shown; told apart by the colour-blind too
_UNKNOWN = ("#56b4e9", "#7570b3", "#a6761d")  # of methods whose package is not installed any more, in turn
_PERCENT = alt.Axis(format="%", tickCount=5)


def accuracy_frame(results: Results) -> pd.DataFrame:
    """One row per method and category ("overall" included) with rate, interval and denominator."""
    rows = []
    for name, method in results.methods.items():
        for category, cell in {"overall": method.overall, **method.categories}.items():
            if cell.accuracy is not None:
                figures = cell.model_dump(include={"n", "n_facts", "accuracy", "ci_low", "ci_high"})
                rows.append({"method": name, "category": category} | figures)
    return pd.DataFrame(rows, columns=["method", "category", "n", "n_facts", "accuracy", "ci_low", "ci_high"])


def colour_of(frame: pd.DataFrame, legend: alt.Legend | None = None) -> alt.Color:
    """The colour of each method in the frame, always the same one."""
    known = [name for name in method_names() if name in set(frame["method"])]
    others = [str(name) for name in dict.fromkeys(frame["method"]) if name not in known]
    colours = [spec_of(name).colour for name in known]
    colours += [_UNKNOWN[place % len(_UNKNOWN)] for place in range(len(others))]
    scale = alt.Scale(domain=[*known, *others], range=colours)
    return alt.Color("method:N", scale=scale, legend=legend)


def accuracy_chart(results: Results, category: str = "overall") -> Chart:
    """Share of answerable questions, all or those of a category, answered correctly, with the 95 % interval."""
    frame = accuracy_frame(results).query("category == @category")
    order = list(frame["method"])
    return _dots(frame, order, "answered correctly").properties(
        width=520,
        height=alt.Step(26),
        title="All answerable questions, with 95 % intervals" if category == "overall" else category,
    )


def _dots(frame: pd.DataFrame, order: list[str], title: str | None) -> Chart:
    """A dot at each accuracy and a line over its interval."""
    base = alt.Chart(frame).encode(y=alt.Y("method:N", sort=order, title=None), color=colour_of(frame))
    ends = [alt.Tooltip("ci_low", format=".0%", title="from"), alt.Tooltip("ci_high", format=".0%", title="to")]
    told = ["method", alt.Tooltip("accuracy", format=".0%"), *ends, "n"]
    scale = alt.Scale(domain=[0, 1])
    spans = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("ci_low:Q", axis=_PERCENT, scale=scale, title=title), x2="ci_high:Q", tooltip=told
    )
    dots = base.mark_point(size=110, filled=True, opacity=1).encode(
        x=alt.X("accuracy:Q", axis=_PERCENT, scale=scale, title=title), tooltip=told
    )
    return spans + dots


def category_chart(results: Results) -> Chart:
    """The same by category: what training covered, and what it did not."""
    frame = accuracy_frame(results).query("category != 'overall'")
    order = list(dict.fromkeys(frame["method"]))
    layered = _dots(frame, order, None).properties(width=240, height=22 * len(order))
    return layered.facet(facet=alt.Facet("category:N", title=None), columns=2).properties(title="By kind of question")


def _under_another(frame: pd.DataFrame, x: str) -> list[str]:
    """Methods whose point lies under another's at nearly the same place on the axis: a name above would cover that."""
    return [
        str(frame["method"][place])
        for place in frame.index
        if ((frame[x] / frame[x][place]).between(1 / 3, 3) & (frame["accuracy"] > frame["accuracy"][place])).any()
    ]


def _names(base: Chart, frame: pd.DataFrame, x: str) -> Chart:
    """The methods' names above their points, or at the left of those that lie under another's."""
    beside = f"indexof({json.dumps(_under_another(frame, x))}, datum.method) >= 0"
    text = base.encode(text="method:N")  # in the colour of all text: a method's own is too pale to be read
    above = text.transform_filter(f"!({beside})").mark_text(dy=-12)
    return above + text.transform_filter(beside).mark_text(align="right", dx=-9, dy=-5)


def cost_chart(results: Results) -> Chart:
    """Accuracy against seconds a question: up and to the left is better."""
    rows = [
        {"method": name, "accuracy": method.overall.accuracy, "seconds": method.cost.per_query_s}
        for name, method in results.methods.items()
        if method.overall.accuracy is not None and method.cost.per_query_s
    ]
    frame = pd.DataFrame(rows, columns=["method", "accuracy", "seconds"])
    base = alt.Chart(frame).encode(
        x=alt.X(
            "seconds:Q", scale=alt.Scale(type="log", nice=True), title="seconds a question, in batches (log scale)"
        ),
        y=alt.Y("accuracy:Q", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]), title="answered correctly"),
    )
    points = base.mark_point(size=90, filled=True).encode(
        color=colour_of(frame),
        tooltip=["method:N", alt.Tooltip("accuracy:Q", format=".0%"), alt.Tooltip("seconds:Q", format=".2f")],
    )
    names = _names(base, frame, "seconds")
    return (points + names).properties(width=520, height=260, title="Accuracy and time")


def pareto_chart(page: CostPage) -> Chart:
    """Accuracy against a question's share of the whole bill; a line joins what none beats in both."""
    rows = [
        {"method": name, "accuracy": row.accuracy, "cost": row.amortised, "front": name in page.pareto}
        for name, row in page.methods.items()
        if row.accuracy is not None and row.amortised > 0 and row.fits
    ]
    frame = pd.DataFrame(rows, columns=["method", "accuracy", "cost", "front"])
    base = alt.Chart(frame).encode(
        x=alt.X("cost:Q", scale=alt.Scale(type="log", nice=True), axis=alt.Axis(format="~g", tickCount=4),
                title=f"{page.currency} a question, everything included (log)"),
        y=alt.Y("accuracy:Q", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]), title="answered correctly"),
    )  # fmt: skip
    front = base.transform_filter("datum.front").mark_line(interpolate="step-after", color="#888888", strokeDash=[4, 3])
    points = base.mark_point(size=90, filled=True).encode(
        color=colour_of(frame),
        tooltip=["method:N", alt.Tooltip("accuracy:Q", format=".0%"), alt.Tooltip("cost:Q", format=".3~g")],
    )
    names = _names(base, frame, "cost")
    return (front + points + names).properties(width=520, height=260, title="Accuracy and cost")


def ownership_chart(page: CostPage) -> Chart:
    """Total cost over 36 months, with sliders for volume, updates and the price of a wrong answer.

    The figures come from the cost model; the chart only puts them together: what is set up, plus for each month the
    questions, the updates and the storage.
    """
    scenario, figures = page.scenario, {"fixed", "update", "query", "storage_month", "wrong", "accuracy"}
    rows = [
        {"method": name, "month": month} | row.model_dump(include=figures)
        for name, row in page.methods.items()
        for month in range(1, 37)
        if row.fits and row.totals
    ]
    frame = pd.DataFrame(rows, columns=["method", "month", *sorted(figures)])

    def slider(name: str, label: str, value: float, low: float, high: float, step: float) -> Any:
        bound = alt.binding_range(min=low, max=high, step=step, name=label)
        return alt.param(name=name, value=value, bind=bound)

    volume = slider("volume", "questions a month, 10 to the power of", log10(scenario.queries_per_month), 1, 7, 0.1)
    updates = slider("updates", "changed documents a month", scenario.updates_per_month, 0, 100, 1)
    wrong = slider("wrong_price", "cost of a wrong answer", scenario.wrong_answer, 0, 5, 0.01)
    monthly = "(pow(10, volume) * (datum.query + wrong_price * datum.wrong) + updates * datum.update"
    total = f"datum.fixed + datum.month * {monthly} + datum.storage_month)"
    return (
        alt.Chart(frame)
        .mark_line(strokeWidth=2.5)
        .transform_calculate(total=total)
        .transform_filter("datum.total > 0")
        .encode(
            x=alt.X("month:Q", title="months", scale=alt.Scale(domain=[1, 36], nice=False)),
            y=alt.Y(
                "total:Q",
                title=f"total cost, {page.currency} (log scale)",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format="~g", tickCount=5),
            ),
            color=colour_of(frame, legend=alt.Legend(title=None)),
            tooltip=["method:N", "month:Q", alt.Tooltip("total:Q", format=",.4~g")],
        )
        .add_params(volume, updates, wrong)
        .properties(width=520, height=260, title="Total cost of ownership")
    )


def training_chart(curve: Iterable[Mapping[str, Any]]) -> Chart:
    """Training loss by step."""
    return (
        alt.Chart(pd.DataFrame(list(curve)))
        .mark_line(color=LINE)
        .encode(x=alt.X("step:Q", title="training step"), y=alt.Y("loss:Q", title="loss on the answer"))
        .properties(width=520, height=180, title="LoRA training")
    )


def report_charts(results: Results) -> dict[str, Chart]:
    """The still charts of the report by name, as far as the run has what they show."""
    curves = [method.training.curve for method in results.methods.values() if method.training and method.training.curve]
    found = {"accuracy": accuracy_chart(results), "cost": cost_chart(results), "pareto": pareto_chart(results.costs)}
    if results.categories:
        found["categories"] = category_chart(results)
    if curves:
        found["training"] = training_chart([point.model_dump() for point in curves[0]])
    return found


@cache
def drawing_library() -> str:
    """Vega, Vega-Lite and its embedding as one script, which a page can hold without a network."""
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script.replace("</script", "<\\/script")


def live(chart: Chart, element: str) -> str:
    """A script that draws the chart, with its sliders, into an element of a page that holds `drawing_library`."""
    spec = json.dumps(chart.to_dict()).replace("<", "\\u003c")
    return f"vegaEmbed('#{element}', {spec}, {{actions: false, renderer: 'svg'}});"


def svg(chart: Chart) -> str:
    """The chart as SVG text, drawn without a browser or a network."""
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return text
