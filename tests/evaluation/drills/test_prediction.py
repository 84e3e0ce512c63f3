"""The prediction is the work times measured rates; what sees a long context costs more."""

from typing import Any

import pytest

from evaluation.drills.measured import Work
from evaluation.numbers import duration
from evaluation.run.estimate import Rates


def test_work_is_counted_at_the_measured_rates(bench: Any) -> None:
    speed = bench().speed
    speed.rates = Rates(read=0.01, answer=2.0, alone=3.0, step=0.0)
    assert speed.seconds(Work(answers=10, tokens=100)) == pytest.approx(10 * 2 + 10 * 100 * 0.01)
    assert speed.seconds(Work(alone=4, seconds=5)) == pytest.approx(4 * 3 + 5)
    assert speed.seconds(Work(shared=100, times=3)) == pytest.approx(3 * 100 * 0.01)  # no weights: no attention known


def test_a_long_context_costs_more_than_its_tokens(trained_bench: Any) -> None:
    speed = trained_bench().speed
    shapes, parameters = speed_shapes(trained_bench())
    speed.rates = Rates(read=1.0, answer=0.0, alone=0.0, step=0.0)
    each = 4 * shapes.attention / (2 * parameters)
    assert speed.seconds(Work(shared=1000)) == pytest.approx(1000 + each * 1000**2 / 2)


def speed_shapes(made: Any) -> Any:
    return made.model.shapes(), made.model.parameters


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "n/a"), (2.34, "2.3 s"), (89, "89 s"), (120, "2 min"), (7200, "2 h"), (5.1e6, "59 days")],
)
def test_seconds_as_people_say_them(value: float | None, said: str) -> None:
    assert duration(value) == said
