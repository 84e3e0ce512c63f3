"""The second stage: what rules leave open, judged as people do, with a probability."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from data.progress import Progress, silent
from data.schema import Question
from evaluation.grading.grader import Grader, coefficients, probability
from evaluation.grading.rules import GradeName
from evaluation.grading.text_similarity import FEATURES, LEXICAL, SIGNS, lexical_features


class Counting:
    """An embedder for which all texts are alike, which counts what it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.texts = 0

    def encode(self, texts: Sequence[str], progress: Progress = silent) -> Any:
        self.texts += len(texts)
        return np.ones((len(texts), 1), dtype=np.float32)


def ask(*answers: str) -> Question:
    return Question(id="q", question="Who wrote it?", answers=answers)


def test_settled_answers_need_no_embedding_and_each_open_one_is_embedded_once() -> None:
    embedder = Counting()
    grader = Grader(embedder)
    grades = grader.grade([(ask("Ann Bell"), "Ann Bell"), (ask("Ann Bell"), "unknown"), (ask(), "unknown")])
    assert [g.grade for g in grades] == [GradeName.CORRECT, GradeName.ABSTAINED, GradeName.ABSTAINED]
    assert embedder.texts == 0
    open_ = (ask("Ann Mary Bell"), "Ann Bell, the writer")
    first = grader.grade([open_, open_])
    assert first[0] == first[1] == grader.grade([open_])[0]
    assert (first[0].by, embedder.texts) == ("model", 2)


def test_no_answer_is_unscored_and_an_empty_one_an_abstention() -> None:
    none, empty = Grader(Counting()).grade([(ask("x"), None), (ask("x"), "")])
    assert (none.grade, none.probability) == (GradeName.UNSCORED, None)
    assert empty.grade is GradeName.ABSTAINED


def test_the_probability_is_the_logistic_of_the_standardised_features() -> None:
    """At the mean of every feature nothing but the intercept is left."""
    fitted = coefficients()
    means = [fitted["features"][name]["mean"] for name in FEATURES]
    assert probability(means) == pytest.approx(1 / (1 + np.exp(-fitted["intercept"])))


def test_no_coefficient_has_the_wrong_sign() -> None:
    for name, sign in SIGNS.items():
        assert coefficients()["features"][name]["coefficient"] * sign >= 0, name


def test_features_by_hand() -> None:
    question = Question(id="q", question="Who wrote the book?", answers=("Wilhelm Conrad Rontgen",))
    found = lexical_features(question, "Wilhelm Rontgen wrote it in 1901")
    assert set(found) == set(LEXICAL)
    assert found["rare_recall"] == pytest.approx(2 / 3)
    assert found["name_recall"] == pytest.approx(2 / 3)
    assert (found["conflicting_number"], found["nothing_kept"], found["has_number"]) == (1, 0, 0)


@pytest.mark.slow
def test_the_embedded_model_grades_as_a_person_would() -> None:
    grader = Grader()
    right = [("Wilhelm Conrad Rontgen", "Wilhelm Rontgen"), ("Joanne K. Rowling", "J. K. Rowling wrote it"),
             ("bicycles", "a bicycle"), ("Muhammad Ali", "Mohammed Ali")]  # fmt: skip
    wrong = [
        ("Wilhelm Conrad Rontgen", "Marie Curie"),
        ("bicycles", "a ferry"),
        ("Ann Bell", "The gardener of the house"),
    ]
    grades = grader.grade([(ask(answer), reply) for answer, reply in (*right, *wrong)])
    assert [g.grade for g in grades] == [GradeName.CORRECT] * len(right) + [GradeName.WRONG] * len(wrong)
    assert all(0 <= (g.probability or 0) <= 1 for g in grades)
