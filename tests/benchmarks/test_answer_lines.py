"""Both sides of the benchmark keep the same answers; how long that takes is no test."""

from pathlib import Path

from benchmarks import answer_lines
from evaluation.run.folder import RunFolder


def test_both_sides_hold_the_same_answers(tmp_path: Path) -> None:
    answers = answer_lines._answers(130)  # two batches and a part
    for side in (RunFolder(tmp_path), answer_lines.Plain(tmp_path / "plain.jsonl")):
        side.append_answers(answers[:64])
        side.append_answers(answers[64:128])
        side.append_answers(answers[128:])
        assert side.answers() == answers


def test_the_ratio_of_both_lies_between_the_ratios_of_the_parts() -> None:
    found = answer_lines.measure(count=130, rounds=1)
    low, high = sorted((found["written"], found["read"]))
    assert 0 < low <= found["both"] <= high
