"""Agreement against a table worked out by hand."""

import pytest

from evaluation.grading.agreement import agreement, kappa_of


def test_kappa_by_hand() -> None:
    """20 both right, 5 only graded, 10 only labelled, 15 neither: seen .7, chance .5·.6 + .5·.4 = .5, kappa .4."""
    assert float(kappa_of([20, 5, 10, 15])) == pytest.approx(0.4)
    graded = [True] * 25 + [False] * 25
    labels = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    found = agreement(graded, labels, [str(n) for n in range(50)])
    assert found.kappa == pytest.approx(0.4)
    assert (found.precision, found.recall) == (pytest.approx(20 / 25), pytest.approx(20 / 30))
    assert (found.true_right, found.false_right, found.false_wrong, found.true_wrong) == (20, 5, 10, 15)
    assert found.ci_low < 0.4 < found.ci_high
    assert not found.warning


def test_answers_to_one_question_are_not_independent() -> None:
    graded, labels = [True, False, True, False] * 10, [True, False, False, True] * 10
    apart = agreement(graded, labels, [str(n) for n in range(40)])
    together = agreement(graded, labels, [str(n % 8) for n in range(40)])
    assert apart.kappa == together.kappa == 0
    assert together.ci_high - together.ci_low > apart.ci_high - apart.ci_low


def test_swapped_labels_are_caught() -> None:
    graded = [True, False] * 20
    found = agreement(graded, [not grade for grade in graded], [str(n) for n in range(40)])
    assert found.kappa == pytest.approx(-1)
    assert "swapped" in found.warning


def test_nothing_graded_right_has_no_precision() -> None:
    found = agreement([False, False], [True, False], ["a", "b"])
    assert found.precision is None
    assert found.recall == 0
    with pytest.raises(ValueError, match="no label"):
        agreement([], [], [])
