"""Long answers: the share of the points stated, less those contradicted."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from data.progress import Progress, silent
from data.schema import Question
from evaluation.cli.main import app
from evaluation.grading.grader import Grader
from evaluation.grading.points import claims, settle
from evaluation.grading.rules import Grade, GradeName

POINTS = (
    "Hand in the form OSF-12 at the harbour office.",
    "Pay the deposit of 40 pounds.",
    "The pass is sent within 10 days.",
)
ASKED = Question(id="q", question="How do I get a resident's pass?", answers=(), points=POINTS)


class Unlike:
    """An embedder for which no text is like another, so that the second stage calls nothing right."""

    name = "unlike"
    fingerprint = "unlike"

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Any:
        return np.eye(len(texts), dtype=np.float32)


def grade(reply: str) -> Grade:
    return Grader(Unlike()).grade([(ASKED, reply)])[0]


@pytest.mark.parametrize(
    ("reply", "expected", "score"),
    [
        (
            "First hand in the form OSF-12 at the harbour office. Then pay the deposit of 40 pounds. The pass is sent "
            "to you within 10 days.",
            "correct",
            1.0,
        ),
        ("You pay a deposit of £40. The form OSF-12 is to be handed in at the harbour office.", "wrong", 2 / 3),
        ("Pay the deposit of 40 pounds.", "wrong", 1 / 3),
        ("Pay the deposit of 60 pounds. Hand in the form OSF-12 at the harbour office.", "wrong", 0.0),
        ("The pass is sent within 30 days.", "wrong", 0.0),
        ("The deposit of 40 pounds is not to be paid. Do not pay it.", "wrong", 0.0),
        ("I do not know.", "abstained", 0.0),
        ("<think>Hand in the form OSF-12 at the harbour office.</think>No idea.", "abstained", 0.0),
        ("Bicycles travel free on all boats.", "wrong", 0.0),
    ],
)
def test_the_share_of_points(reply: str, expected: str, score: float) -> None:
    found = grade(reply)
    assert found.grade is GradeName(expected), found.reason
    assert found.score == pytest.approx(score), found.reason


def test_a_long_answer_is_read_to_its_end() -> None:
    filler = "The harbour lies on the west coast and many boats call there in summer. " * 30
    assert grade(filler + " ".join(POINTS)).score == 1


def test_a_rubric_is_a_point_a_line() -> None:
    asked = Question(id="q", question="How?", answers=(), rubric="- Pay 40 pounds.\n2. Sign the form.\n\n")
    assert asked.all_points == ("Pay 40 pounds.", "Sign the form.")
    assert asked.answers == ("Pay 40 pounds. Sign the form.",)
    assert asked.answerable
    with pytest.raises(ValidationError, match="point is blank"):
        Question(id="q", question="How?", answers=("x",), points=(" ",))


def test_a_claim_is_read_where_the_reply_is_about_it() -> None:
    reply = "The office opens at nine. The deposit is 40 pounds. Dogs travel free."
    (_, first), (_, second), _ = claims(ASKED, reply)
    assert second == "The deposit is 40 pounds."
    assert first != second
    open_ = settle(claims(ASKED, "The pass comes by post soon.")[2][0], "The pass comes by post soon.", 40)
    assert open_ is None, "left to the second stage"


def test_no_answer_is_unscored() -> None:
    assert Grader(Unlike()).grade([(ASKED, None)])[0].grade is GradeName.UNSCORED


def test_grade_tells_the_share_and_the_languages(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "How?", "answers": [], "points": POINTS, "candidate": POINTS[0] + " " + POINTS[1]},
        {"id": "b", "question": "Wie lange?", "answers": ["3 Tage"], "candidate": "drei Tage", "language": "de"},
        {"id": "c", "question": "How far?", "answers": ["3 km"], "candidate": "3000 m", "correct": True},
    ]
    file, out = tmp_path / "a.jsonl", tmp_path / "grades.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = CliRunner().invoke(app, ["grade", str(file), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "de: rules only, not measured" in done.output
    assert "en: kappa 1.000" in done.output
    assert "67% of the points stated on average, over 1 answers" in done.output
    first, second, third = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert (first["grade"], first["score"]) == ("wrong", 0.6667)
    assert second["grade"] == third["grade"] == "correct"
    assert "score" not in second
