"""Intervals against values worked out by hand or published."""

import numpy as np
import pytest

from evaluation.analysis.statistics import alikeness, mean_interval, rate_interval

TEN = [str(number) for number in range(10)]


def test_wilson_interval() -> None:
    """8 of 10 by the formula: (0.8 + z²/20 ± z·sqrt(.016 + z²/400)) / (1 + z²/10)."""
    assert rate_interval([True] * 8 + [False] * 2, TEN) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_copies_of_an_answer_do_not_narrow_the_interval() -> None:
    """Four wordings of each fact, all answered alike: worth one wording each."""
    once = [True] * 8 + [False] * 2
    assert rate_interval(once * 4, TEN * 4) == pytest.approx(rate_interval(once, TEN))


def test_unrelated_wordings_count_fully() -> None:
    """Each fact right once and wrong once: wordings of a fact are not alike at all."""
    right, facts = [True] * 10 + [False] * 10, TEN * 2
    assert alikeness(np.array(right, dtype=float), np.repeat([np.arange(10)], 2, axis=0).ravel()) == 0
    assert rate_interval(right, facts) == pytest.approx(rate_interval(right, [str(n) for n in range(20)]))


def test_alikeness_by_hand() -> None:
    """Facts (1,1) (1,0) (0,0) (1,1), by the table of an analysis of variance.

    Sums 2, 1, 0, 2; n 8; between = (2 + .5 + 0 + 2 - 25/8) / 3 = 11/24, within = (5 - 4.5) / 4 = 1/8, so that
    rho = (11/24 - 1/8) / (11/24 + 1/8) = 4/7.
    """
    right = np.array([1, 1, 1, 0, 0, 0, 1, 1], dtype=float)
    assert alikeness(right, np.repeat(np.arange(4), 2)) == pytest.approx(4 / 7)


def test_unequal_weights_widen_the_interval() -> None:
    right = [True] * 5 + [False] * 5
    even, uneven = rate_interval(right, TEN), rate_interval(right, TEN, [5, 1, 1, 1, 1] * 2)
    assert uneven[1] - uneven[0] > even[1] - even[0]


def test_no_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="no scored question"):
        rate_interval([], [])


def test_mean_interval_is_over_facts() -> None:
    """Ten answers about one fact tell as much as one: two facts with scores 0 and 1 leave everything possible."""
    low, high = mean_interval([0.0] * 10 + [1.0] * 10, ["a"] * 10 + ["b"] * 10)
    assert (low, high) == (0, 1)
    low, high = mean_interval([0.0, 1.0] * 10, [str(n) for n in range(20)])
    assert 0.2 < low < 0.5 < high < 0.8
    assert mean_interval([0.5, 0.5], ["a", "b"]) == (0.5, 0.5)
