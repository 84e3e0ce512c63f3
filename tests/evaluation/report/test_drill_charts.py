"""Curves of drills as charts: what is projected is drawn otherwise, names and numbers have their own scales."""

import re
from typing import Any

import pytest

from evaluation.report.drawing import plainly, svg
from evaluation.report.drill_charts import curve_chart, curve_frame
from evaluation.results.drill import Curve, CurvePoint
from evaluation.run.registry import spec_of


def curve(*dots: CurvePoint, **fields: Any) -> Curve:
    return Curve(title="t", x="documents", y="answered correctly", points=list(dots), **fields)


def test_every_dot_is_a_row() -> None:
    frame = curve_frame(
        curve(CurvePoint(series="rag", x=1, y=0.5, low=0.2, high=0.8), CurvePoint(series="b", x=2, y=1))
    )
    assert frame[["method", "x", "y"]].values.tolist() == [["rag", 1, 0.5], ["b", 2, 1]]


@pytest.mark.parametrize(
    ("dots", "fields", "kind"),
    [
        ([(0, 0.5), (10, 0.4)], {"log_x": True}, "symlog"),
        ([(1, 5.0), (10, 4.0)], {"log_x": True, "percent": False}, "log"),
        ([("first", 0.5), ("last", 0.4)], {}, "nominal"),
    ],
)
def test_it_is_drawn_on_a_scale_that_fits(dots: Any, fields: Any, kind: str) -> None:
    chart = curve_chart(curve(*(CurvePoint(series="rag", x=x, y=y) for x, y in dots), **fields))
    assert kind in str(chart.to_dict())
    assert svg(plainly(chart)).startswith("<svg")


def test_what_is_projected_is_hollow() -> None:
    drawn = svg(plainly(curve_chart(curve(CurvePoint(series="rag", x=1, y=0.5),
                                          CurvePoint(series="rag", x=9, y=0.4, projected=True)))))  # fmt: skip
    assert 'fill-opacity="0"' in drawn


def test_series_that_are_no_methods_have_colours_of_their_own() -> None:
    names = ["rag", *(f"rag, way {number}" for number in range(8))]
    chart = curve_chart(curve(*(CurvePoint(series=name, x=1, y=0.5) for name in names))).to_dict()
    (colours,) = {tuple(layer["encoding"]["color"]["scale"]["range"]) for layer in chart["layer"]}
    assert len(set(colours)) == len(names)
    assert colours[0] == spec_of("rag").colour


@pytest.mark.parametrize(("heights", "ticks"), [((44.0, 75.0), "80"), ((0.002, 0.0046), "0.004"), ((0, 1200), "1,000")])
def test_ticks_of_an_axis_are_numbers_as_people_write_them(heights: tuple[float, float], ticks: str) -> None:
    dots = [CurvePoint(series="lora", x=float(x), y=y) for x, y in enumerate(heights)]
    drawn = svg(curve_chart(Curve(title="Perplexity", x="epochs", y="perplexity", points=dots, percent=False)))
    assert f">{ticks}</text>" in drawn
    assert "e+" not in re.sub(r"<path[^>]*>", "", drawn)
