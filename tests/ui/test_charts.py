"""Charts that only the app draws: their colours and axes."""

from typing import Any

from ui.charts import lines_chart


def _layer(chart: Any) -> dict[str, Any]:
    content: dict[str, Any] = chart.to_dict()
    return content


def test_points_have_the_colour_of_their_line_and_steps_are_whole() -> None:
    rows = [{"step": step, "loss": 1 / step} for step in (1, 2, 3)]
    drawn = _layer(lines_chart(rows, "step", "loss", "Loss"))
    assert drawn["mark"]["point"]["color"] == drawn["mark"]["color"]
    assert drawn["encoding"]["x"]["axis"]["tickMinStep"] == 1
    assert drawn["encoding"]["y"]["scale"]["zero"] is True


def test_lines_of_several_kinds_are_told_apart_without_their_colour() -> None:
    rows = [{"step": step, "loss": step, "kind": kind} for kind in ("a", "b") for step in (1, 2)]
    drawn = _layer(lines_chart(rows, "step", "loss", "Loss"))
    assert drawn["encoding"]["color"]["field"] == drawn["encoding"]["strokeDash"]["field"] == "kind"
    assert "color" not in drawn["mark"]["point"]
