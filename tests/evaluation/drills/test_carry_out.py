"""A drill goes on where it stopped, point by point, and does not mix what was measured with something else."""

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from data.errors import Incapable, TriviumError
from evaluation.drills.carry_out import carry_out, prediction
from evaluation.drills.drill import Drill
from evaluation.drills.measured import Measured, Point, Work
from evaluation.results.drill import read_drill


class Counting(Drill):
    """How often is it measured?"""

    name: ClassVar[str] = "counting"
    title: ClassVar[str] = "Counting"
    axis: ClassVar[str] = "number"

    def __init__(self, fails_at: str = "", lacks: str = "") -> None:
        self.measured: list[str] = []
        self.fails_at, self.lacks = fails_at, lacks

    def points(self, bench: Any) -> list[Point]:
        return [Point("rag", f"{n} passages", n, {"n": n}, Work(seconds=n)) for n in (1, 2, 3)]

    def measure(self, bench: Any, point: Point) -> Measured:
        if point.setting == self.fails_at:
            raise KeyboardInterrupt
        if point.setting == self.lacks:
            raise Incapable("three are too many.")
        self.measured.append(point.setting)
        questions = bench.questions()
        found = bench.searched.ranked(questions, point.given["n"])
        return Measured(bench.ask("rag", questions, [one.passages for one in found]), {"given": point.given["n"]})


def test_what_was_measured_is_not_measured_again(bench: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        carry_out(Counting(fails_at="2 passages"), bench())
    again = Counting()
    results = carry_out(again, bench())
    assert again.measured == ["2 passages", "3 passages"]
    assert [point.setting for point in results.points] == ["1 passages", "2 passages", "3 passages"]
    assert [point.cell.n for point in results.points if point.cell] == [8, 8, 8]


def test_a_torn_point_is_measured_again(bench: Any) -> None:
    made = bench()
    carry_out(Counting(), made)
    rows = made.path / "drills" / "counting.smoke.jsonl"
    lines = rows.read_bytes().splitlines(keepends=True)
    rows.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])  # the end of the last point, and half an answer
    again = Counting()
    carry_out(again, bench())
    assert again.measured == ["3 passages"]


def test_a_changed_row_is_told_and_not_used(bench: Any) -> None:
    made = bench()
    carry_out(Counting(), made)
    rows = made.path / "drills" / "counting.smoke.jsonl"
    rows.write_text(rows.read_text().replace('"grade": "correct"', '"grade": "wrong"', 1))
    with pytest.raises(TriviumError, match=r"counting\.smoke\.jsonl, line 2: its checksum does not fit"):
        carry_out(Counting(), bench())


def test_other_settings_are_not_mixed(bench: Any) -> None:
    carry_out(Counting(), bench())
    with pytest.raises(TriviumError, match="measured with something else"):
        carry_out(Counting(), bench(many=3))


def test_a_point_that_cannot_be_measured_has_a_reason_and_the_others_go_on(bench: Any) -> None:
    results = carry_out(Counting(lacks="2 passages"), bench())
    assert [point.setting for point in results.points] == ["1 passages", "3 passages"]
    assert results.not_applicable == {"rag: 2 passages": "three are too many."}


def test_the_time_is_predicted_from_the_work_that_is_left(bench: Any) -> None:
    made = bench()
    assert prediction(Counting(), made) == pytest.approx(6, abs=0.5)
    carry_out(Counting(), made)
    assert prediction(Counting(), made) == 0


def test_what_one_drill_leaves_out_is_predicted_for_the_next(bench: Any) -> None:
    made = bench()
    made.leave_out("rag", "another drill could not")
    assert prediction(Counting(), made) == pytest.approx(6, abs=0.5)
    assert "rag" in made.methods


def test_results_hold_what_was_predicted_and_what_it_took(bench: Any) -> None:
    made = bench()
    carry_out(Counting(), made)
    results = read_drill(made.path / "drills" / "counting.json")
    assert results.predicted_s == pytest.approx(6, abs=0.5)
    assert results.actual_s == pytest.approx(sum(point.seconds for point in results.points))
    assert (results.size, results.run, results.domain) == ("smoke", "run", "Harbours")


def test_results_that_were_changed_are_refused(bench: Any) -> None:
    made = bench()
    carry_out(Counting(), made)
    path: Path = made.path / "drills" / "counting.json"
    content = json.loads(path.read_text())
    content["points"][0]["cell"]["correct"] = 100
    path.write_text(json.dumps(content))
    with pytest.raises(TriviumError, match="its digest does not fit"):
        read_drill(path)


def test_what_was_counted_is_told(bench: Any) -> None:
    results = carry_out(Counting(), bench())
    (sentence,) = results.sentences
    assert sentence.startswith(
        "Search (rag): 100% of 8 right with 1 passages, 100% of 8 with 3 passages: no difference ("
    )
    assert sentence.endswith(" points); wrong answers 0 and 0.")
    (table,) = results.tables
    assert table.rows[0][:6] == ["rag", "1 passages", "100% of 8", "68% to 100%", "0", "0"]
    (curve,) = results.curves
    assert [(dot.x, dot.y) for dot in curve.points] == [(1, 1.0), (2, 1.0), (3, 1.0)]
