"""Where names of points stand in a chart of accuracy against something on a log axis: none covers another."""

import json
from typing import Any, Literal

import pandas as pd

Side = Literal["above", "left", "right"]
_NEAR = 0.04  # of accuracy: names closer than that on the same side cover each other
_LOW = 0.05  # of accuracy: points beside the axis, whose numbers a name must not cover


def sides(frame: pd.DataFrame, x: str) -> dict[str, Side]:
    """For each method: above its point; where another's lies there, at the left; where a name stands there, right.

    Args:
        frame: with columns method, accuracy and `x`, which is above 0.
    """
    found: dict[str, Side] = {}
    at_left: list[tuple[float, float]] = []
    for _, row in frame.sort_values("accuracy", ascending=False).iterrows():
        place, accuracy = float(row[x]), float(row["accuracy"])
        beside = (frame[x] / place).between(1 / 3, 3)
        if not (beside & (frame["accuracy"] > accuracy)).any():
            found[str(row["method"])] = "above"
        elif any(1 / 3 < other / place < 3 and abs(height - accuracy) < _NEAR for other, height in at_left):
            found[str(row["method"])] = "right"
        else:
            found[str(row["method"])] = "left"
            at_left.append((place, accuracy))
    return found


def names(base: Any, frame: pd.DataFrame, x: str) -> Any:
    """The names as layers of an Altair chart; in the colour of all text, as a method's own is too pale to be read."""
    text, placed = base.encode(text="method:N"), sides(frame, x)
    looks: dict[tuple[Side, bool], dict[str, Any]] = {
        ("above", False): {"dy": -12}, ("above", True): {"dy": -12},
        ("left", False): {"align": "right", "dx": -9, "dy": 5}, ("left", True): {"align": "right", "dx": -9, "dy": -5},
        ("right", False): {"align": "left", "dx": 9, "dy": 5}, ("right", True): {"align": "left", "dx": 9, "dy": -5},
    }  # fmt: skip
    layers = []
    for (side, low), look in looks.items():
        there = json.dumps([name for name, where in placed.items() if where == side])
        height = f"datum.accuracy {'<' if low else '>='} {_LOW}"
        layers.append(text.transform_filter(f"indexof({there}, datum.method) >= 0 && {height}").mark_text(**look))
    shown = layers[0]
    for layer in layers[1:]:
        shown += layer
    return shown
