"""Answers of every kind that rules know, graded as a careful person would: examples.csv, one a line.

`doubtful` in the column of grades stands for "not wrong, and marked for a person to look at".
"""

import csv
from pathlib import Path

import pytest

from data.schema import Question
from evaluation.grading.rules import GradeName, grade_by_rules

with Path(__file__).with_name("examples.csv").open(encoding="utf-8", newline="") as file:
    EXAMPLES = [tuple(row.values()) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("kind", "language", "expected", "question", "accepted", "reply"), EXAMPLES)
def test_as_a_careful_person_would(
    kind: str, language: str, expected: str, question: str, accepted: str, reply: str
) -> None:
    asked = Question(id="q", question=question, answers=(accepted,))
    found = grade_by_rules(asked, reply, 100, language)
    assert found is not None, f"{kind}: a rule settles it"
    if expected == "doubtful":
        assert (found.grade, found.doubtful) == (GradeName.CORRECT, True), found.reason
    else:
        assert (found.grade, found.doubtful) == (GradeName(expected), False), found.reason
