"""Intervals and tests against values worked out by hand or published."""

import numpy as np
import pytest

from evaluation.analysis.statistics import alikeness, contrast, holm, mean_interval, rate_interval

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
    with pytest.raises(ValueError, match="no question"):
        contrast([], [], [], seed=0)


def test_paired_difference() -> None:
    """20 facts: both right 8, only a 7, only b 1, neither 4. Exact McNemar: 2 · (C(8,0) + C(8,1)) / 2^8 = 18/256."""
    a = [True] * 8 + [True] * 7 + [False] + [False] * 4
    b = [True] * 8 + [False] * 7 + [True] + [False] * 4
    found = contrast(a, b, [str(n) for n in range(20)], seed=0)
    assert (found.n_pairs, found.n_facts) == (20, 20)
    assert found.difference == pytest.approx(0.3)
    assert found.p_value == pytest.approx(18 / 256)
    assert found.ci_low < 0.3 < found.ci_high
    # 2.8016 · sqrt(discordant share 0.4 / 20 facts)
    assert found.minimum_detectable == pytest.approx(2.8016 * (0.4 / 20) ** 0.5, abs=1e-3)


def test_copies_of_a_fact_add_no_evidence() -> None:
    a, b = [True, False, True, True, False, True], [False, False, True, False, True, True]
    facts = [str(n) for n in range(6)]
    once, thrice = contrast(a, b, facts, 0), contrast(a * 3, b * 3, facts * 3, 0)
    assert (thrice.n_pairs, thrice.n_facts) == (18, 6)
    for name in ("difference", "ci_low", "ci_high", "p_value", "minimum_detectable"):
        assert getattr(thrice, name) == pytest.approx(getattr(once, name))


def test_equal_methods_do_not_differ_but_are_not_proved_equal() -> None:
    """No discordant fact among 20 leaves room for a few: the interval holds 0 and has a width."""
    found = contrast([True, False] * 10, [True, False] * 10, [str(n) for n in range(20)], 0)
    assert (found.difference, found.p_value) == (0, 1)
    assert -0.2 < found.ci_low < 0 < found.ci_high < 0.2


def test_weights_decide_which_way_a_difference_points() -> None:
    """a wins 6 light facts, b 2 heavy ones: unweighted a is ahead, weighted b."""
    a, b = [True] * 6 + [False] * 2, [False] * 6 + [True] * 2
    facts = TEN[:8]
    assert contrast(a, b, facts, 0).difference == pytest.approx(0.5)
    weighted = contrast(a, b, facts, 0, [1.0] * 6 + [9.0] * 2)
    assert weighted.difference == pytest.approx((6 - 18) / 24)
    # Of 2^8 sign patterns those with |±1±…±9±9| >= 12: both nines alike, |18 + s| >= 12 always: half of them.
    assert weighted.p_value == pytest.approx(0.5, abs=0.03)


def test_holm() -> None:
    """Holm 1979: sorted p times 3, 2, 1, never falling."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_mean_interval_is_over_facts() -> None:
    """Ten answers about one fact tell as much as one: two facts with scores 0 and 1 leave everything possible."""
    low, high = mean_interval([0.0] * 10 + [1.0] * 10, ["a"] * 10 + ["b"] * 10)
    assert (low, high) == (0, 1)
    low, high = mean_interval([0.0, 1.0] * 10, [str(n) for n in range(20)])
    assert 0.2 < low < 0.5 < high < 0.8
    assert mean_interval([0.5, 0.5], ["a", "b"]) == (0.5, 0.5)
