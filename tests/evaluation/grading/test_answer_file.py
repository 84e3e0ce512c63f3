"""Any system's answers from a file: grades, agreement with labels, and one sentence for a bad line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.grading.answer_file import read_submitted

ROWS: list[dict[str, Any]] = [
    {"id": "a", "question": "How long?", "answers": ["35 minutes"], "candidate": "35 min", "correct": True},
    {"id": "b", "question": "How long?", "answers": ["35 minutes"], "candidate": "20 minutes", "correct": False},
    {"id": "c", "question": "Who?", "answers": [], "candidate": None, "correct": True},
    {"id": "d", "question": "Who?", "answers": ["Ann"], "candidate": None, "correct": False},
    {"id": "e", "question": "Where?", "answers": ["Gate C"], "candidate": "gate c", "correct": False, "system": "x"},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_grades_are_written_and_compared_with_labels(tmp_path: Path) -> None:
    file, out = write(tmp_path / "a.jsonl", ROWS), tmp_path / "grades.jsonl"
    done = CliRunner().invoke(app, ["grade", str(file), "--out", str(out)])
    assert done.exit_code == 0, done.output
    grades = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["grade"]) for row in grades] == [
        ("a", "correct"), ("b", "wrong"), ("c", "abstained"), ("d", "abstained"), ("e", "correct"),
    ]  # fmt: skip
    assert all(0 <= row["probability"] <= 1 for row in grades)
    # right by grade: a, c, e; by label: a, c. Seen .8, chance .6·.4 + .4·.6 = .48, kappa .32/.52.
    assert "kappa 0.615" in done.output
    assert "66.7%" in done.output, "precision 2 of 3"
    assert "100.0%" in done.output, "recall 2 of 2"


def test_for_other_programs(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["grade", str(write(tmp_path / "a.jsonl", ROWS)), "--json"])
    found = json.loads(done.stdout)
    assert found["kappa"] == pytest.approx(0.32 / 0.52)
    assert (found["true_right"], found["false_right"], found["false_wrong"], found["true_wrong"]) == (2, 1, 0, 2)
    unlabelled = [{key: value for key, value in row.items() if key != "correct"} for row in ROWS]
    done = CliRunner().invoke(app, ["grade", str(write(tmp_path / "b.jsonl", unlabelled)), "--json"])
    assert json.loads(done.stdout)["kappa"] is None


def test_swapped_labels_are_caught(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"id": str(n), "question": f"How long {n}?", "correct": False} for n in range(20)]
    rows += [ROWS[1] | {"id": f"w{n}", "question": f"How far {n}?", "correct": True} for n in range(20)]
    done = CliRunner().invoke(app, ["grade", str(write(tmp_path / "a.jsonl", rows))])
    assert "are right and wrong swapped?" in done.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no answer"),
        ("not json\n", "line 1"),
        ('{"id": "a", "question": "q", "answers": ["x"]}\n', "line 1: 'candidate'"),
        ('{"id": "a", "question": "q", "answers": "x", "candidate": "y"}\n', "line 1: 'answers'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TriviumError, match=message):
        read_submitted(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no such file"):
        read_submitted(tmp_path / "none.jsonl")
