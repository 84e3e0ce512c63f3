"""Three ways of asking give the same answers."""

from pathlib import Path
from typing import Any

from evaluation.lab.playground import Playground
from evaluation.lab.speeds import speeds
from model.sampling import Sampling


def test_three_ways_of_asking_give_the_same_answers(trained: tuple[Path, dict[str, Any]]) -> None:
    ground = Playground(trained[0])
    rows = speeds(ground, "inject", ["Who?", "Which quay?", "When?"], Sampling(max_new_tokens=4, stop=()))
    assert [(row["same"], row["of"]) for row in rows] == [(3, 3)] * 3
    assert all(row["seconds"] > 0 for row in rows)
