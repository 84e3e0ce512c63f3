"""What the charts of the report show."""

from pathlib import Path

import pandas as pd

from evaluation.report.charts import (
    accuracy_chart,
    accuracy_frame,
    colour_of,
    report_charts,
    taught_chart,
)
from evaluation.report.drawing import svg
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


def test_a_method_whose_package_is_gone_keeps_a_colour_of_its_own() -> None:
    scale = colour_of(pd.DataFrame({"method": ["gone", "rag", "gone", "lost"]})).to_dict()["scale"]
    assert scale["domain"] == ["rag", "gone", "lost"]
    assert scale["range"][0] == "#0083d6", "that of rag everywhere"
    assert len(set(scale["range"])) == 3


def test_the_accuracy_chart_has_a_row_for_each_method_with_its_denominator(runs: Path) -> None:
    """The made-up run: four test wordings and one training wording of each of two trained facts."""
    results = read_results(RunFolder(runs / "made-up"))
    frame = accuracy_frame(results).query("category == 'overall'").set_index("method")
    assert frame["accuracy"].to_dict() == {"base": 0.0, "rag": 1.0}
    assert frame["n"].to_dict() == {"base": 6, "rag": 6}
    drawn = svg(accuracy_chart(results))
    assert all(f">{name}<" in drawn for name in ("base", "rag"))


def test_taught_and_other_facts_stand_on_one_line_a_method(runs: Path) -> None:
    """The made-up run asks two taught facts and two others; rag has all of them right, base none."""
    chart = taught_chart(read_results(RunFolder(runs / "made-up"))).to_dict()
    (rows,) = chart["datasets"].values()
    shown = [(row["method"], row["what"], row["accuracy"]) for row in rows]
    assert shown == [
        ("base", "trained on", 0.0), ("base", "not trained on", 0.0), ("rag", "trained on", 1.0),
        ("rag", "not trained on", 1.0),
    ]  # fmt: skip


def test_each_chart_of_the_report_says_what_it_shows(runs: Path) -> None:
    found = report_charts(read_results(RunFolder(runs / "made-up")))
    assert {"cost", "pareto", "kind-paraphrased", "kind-held_out"} <= found.keys()
    assert "taught" not in found, "nothing was trained"
    assert all(len(one.told) > 20 for one in found.values())
