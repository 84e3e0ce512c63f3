"""Runs beside each other: what differs is told part by part, and runs that cannot be compared say why."""

from pathlib import Path
from typing import Any

from fakes import says_right

from data.load import load_domain
from evaluation.report.comparison import _setting, against, outcomes_table
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


def test_of_a_setting_with_parts_only_those_that_differ() -> None:
    assert list(_setting("top_k", 2, 3)) == [("top_k", "2", "3")]
    assert list(_setting("training", {"rank": 8, "seed": 0}, {"rank": 16, "seed": 0, "clip": 1.0})) == [
        ("training: rank", "8", "16"), ("training: clip", "n/a", "1.0"),
    ]  # fmt: skip


def test_each_method_stands_under_itself_in_each_run(runs: Path) -> None:
    results = read_results(RunFolder(runs / "made-up"))
    rows = outcomes_table({"a": results, "b": results}).rows
    assert [row[:2] for row in rows] == [("base", "a"), ("base", "b"), ("rag", "a"), ("rag", "b")]
    assert (rows[2][2], rows[2][4], rows[2][5], rows[2][6]) == ("100%", "0%", "0%", "6")


def test_runs_that_share_no_question_say_so(runs: Path, make_run: Any, make_domain: Any, tmp_path: Path) -> None:
    folder = make_run("other", load_domain(tmp_path / "domain"), {"oracle": says_right})
    found = against("made-up", "other", RunFolder(runs / "made-up"), folder)
    assert "no method answered the same question in both" in found.refused
    assert found.tables == ()
