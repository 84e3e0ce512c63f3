"""Where names stand beside their points."""

import pandas as pd

from evaluation.report.point_names import sides


def test_a_name_gives_way_to_the_point_above_it() -> None:
    """base costs less than a third of rag; lora+rag stands above lora at nearly the same cost."""
    methods, accuracy = ["base", "rag", "lora", "lora+rag"], [0.01, 0.46, 0.34, 0.39]
    frame = pd.DataFrame({"method": methods, "accuracy": accuracy, "cost": [3e-6, 1e-5, 1e-3, 1.1e-3]})
    assert sides(frame, "cost") == {"rag": "above", "lora+rag": "above", "lora": "left", "base": "above"}


def test_names_at_neighbouring_points_do_not_cover_each_other() -> None:
    """On an axis of four decades a name is about as wide as the way from a cost to its double."""
    frame = pd.DataFrame({"method": ["base", "inject"], "accuracy": [0.0, 0.05], "cost": [2.1e-6, 4.6e-6]})
    assert sides(frame, "cost") == {"inject": "above", "base": "left"}


def test_of_two_below_a_third_one_name_stands_at_each_side() -> None:
    frame = pd.DataFrame(
        {"method": ["oracle", "rag", "lora+rag"], "accuracy": [0.6, 0.49, 0.47], "s": [0.28, 0.42, 0.4]}
    )
    assert sides(frame, "s") == {"oracle": "above", "rag": "left", "lora+rag": "right"}
