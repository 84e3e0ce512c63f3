"""The charts of the report, each drawn from a tidy frame made from results.json."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log10
from typing import Any

import altair as alt
import pandas as pd

from evaluation.report import point_names
from evaluation.report.methods_table import REST, TRAINED
from evaluation.results.costs import CostPage
from evaluation.results.schema import Results
from evaluation.run.registry import method_names, spec_of
from evaluation.words import kind_words

Chart = Any  # altair types its chained methods as Any; every function here returns one of its charts

LINE, BAR, THIRD = "#d55e00", "#0083d6", "#009e73"  # where no method is shown; told apart by the colour-blind too
# of methods whose package is not installed any more and of other series, in turn (ColorBrewer's Dark2 from the second)
_UNKNOWN = ("#56b4e9", "#7570b3", "#a6761d", "#e7298a", "#1b9e77", "#666666", "#d95f02", "#66a61e")
_PERCENT = alt.Axis(format="%", tickCount=5)
WIDTH = 430  # of a chart; two stand beside each other


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
        width=WIDTH,
        height=alt.Step(26),
        title="All answerable questions, with 95% intervals"
        if category == "overall"
        else _capital(kind_words(category)),
    )


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


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


def taught_chart(results: Results) -> Chart:
    """For each method, right answers about facts that training taught and about the others, joined by a line."""
    kinds = {"paraphrased": TRAINED, "held_out": REST}
    frame = accuracy_frame(results).query("category in @kinds").assign(what=lambda f: f["category"].map(kinds))
    both = frame.groupby("method")["category"].transform("nunique") == len(kinds)
    frame = frame[both]
    base = alt.Chart(frame).encode(
        x=alt.X("accuracy:Q", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]), title="answered correctly"),
        y=alt.Y("method:N", sort=list(dict.fromkeys(frame["method"])), title=None),
        color=colour_of(frame),
    )
    shapes = alt.Scale(domain=list(kinds.values()), range=["circle", "square"])
    hollow = alt.condition(f"datum.what == '{TRAINED}'", alt.value(1), alt.value(0))
    told = ["method", "what", alt.Tooltip("accuracy:Q", format=".0%"), "n"]
    points = base.mark_point(size=120, filled=True, strokeWidth=2).encode(
        shape=alt.Shape("what:N", scale=shapes, legend=alt.Legend(title=None, orient="top", columnPadding=24)),
        fillOpacity=hollow, stroke=colour_of(frame), tooltip=told,
    )  # fmt: skip
    return (base.mark_line(strokeWidth=3, opacity=0.5).encode(detail="method:N") + points).properties(
        width=WIDTH, height=alt.Step(30), title="What training taught, and what it did not"
    )


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
            "seconds:Q",
            scale=alt.Scale(type="log", nice=True),
            title="seconds a question, in batches (log)",
            axis=alt.Axis(format="~g", labelOverlap="greedy", labelSeparation=12),
        ),
        y=alt.Y("accuracy:Q", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]), title="answered correctly"),
    )
    points = base.mark_point(size=90, filled=True).encode(
        color=colour_of(frame),
        tooltip=["method:N", alt.Tooltip("accuracy:Q", format=".0%"), alt.Tooltip("seconds:Q", format=".2f")],
    )
    named = point_names.names(base, frame, "seconds")
    return (points + named).properties(width=WIDTH, height=260, title="Accuracy and time")


def pareto_chart(page: CostPage) -> Chart:
    """Accuracy against the share of the whole bill that 1,000 questions have; a line joins what none beats in both."""
    rows = [
        {"method": name, "accuracy": row.accuracy, "cost": 1000 * row.amortised, "front": name in page.pareto}
        for name, row in page.methods.items()
        if row.accuracy is not None and row.amortised > 0 and row.fits
    ]
    frame = pd.DataFrame(rows, columns=["method", "accuracy", "cost", "front"])
    base = alt.Chart(frame).encode(
        x=alt.X("cost:Q", scale=alt.Scale(type="log", nice=True), axis=alt.Axis(format="~g", tickCount=4),
                title=f"{page.currency} for 1,000 questions, everything included (log)"),
        y=alt.Y("accuracy:Q", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]), title="answered correctly"),
    )  # fmt: skip
    front = base.transform_filter("datum.front").mark_line(interpolate="step-after", color="#888888", strokeDash=[4, 3])
    points = base.mark_point(size=90, filled=True).encode(
        color=colour_of(frame),
        tooltip=["method:N", alt.Tooltip("accuracy:Q", format=".0%"), alt.Tooltip("cost:Q", format=".3~g")],
    )
    named = point_names.names(base, frame, "cost")
    return (front + points + named).properties(width=WIDTH, height=260, title="Accuracy and cost")


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
            color=colour_of(frame, legend=alt.Legend(title=None, orient="top")),
            tooltip=["method:N", "month:Q", alt.Tooltip("total:Q", format=",.4~g")],
        )
        .add_params(volume, updates, wrong)
        .properties(width=WIDTH, height=260, title="Total cost of ownership")
    )


def training_chart(curve: Iterable[Mapping[str, Any]]) -> Chart:
    """Training loss by step."""
    return (
        alt.Chart(pd.DataFrame(list(curve)))
        .mark_line(color=LINE)
        .encode(x=alt.X("step:Q", title="training step"), y=alt.Y("loss:Q", title="loss on the answer"))
        .properties(width=WIDTH, height=180, title="LoRA training")
    )


@dataclass(frozen=True)
class Drawn:
    """A chart with what it shows in words, for those who do not see it."""

    chart: Chart
    told: str


def report_charts(results: Results) -> dict[str, Drawn]:
    """The still charts of the report by name, as far as the run has what they show."""
    kinds, methods = results.categories, results.methods
    curves = [method.training.curve for method in methods.values() if method.training and method.training.curve]
    found = {
        "cost": Drawn(cost_chart(results), "Right answers and seconds a question of each method, as in the tables."),
        "pareto": Drawn(pareto_chart(results.costs), "Right answers and cost of a question of each method."),
    }
    compared = any(method.adapted for method in methods.values()) and {"paraphrased", "held_out"} <= {*kinds}
    if compared:
        found["taught"] = Drawn(taught_chart(results), f"Right answers {TRAINED} and {REST} of each method, as above.")
    for kind in kinds if len(kinds) > 1 else ():
        if not (compared and kind in ("paraphrased", "held_out")):
            told = f"Right answers with their intervals, {kind_words(kind)}, as in the table above."
            found[f"kind-{kind}"] = Drawn(accuracy_chart(results, kind), told)
    if curves:
        curve = [point.model_dump() for point in curves[0]]
        ends = f"from {curve[0]['loss']:.2g} to {curve[-1]['loss']:.2g} in {curve[-1]['step']} steps"
        found["training"] = Drawn(training_chart(curve), f"Training loss on the answers, {ends}.")
    return found
