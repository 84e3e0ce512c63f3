"""Intervals and tests against values worked out by hand or published."""

import pytest

from evaluation.statistics import contrast, holm, rate_interval


def test_wilson_interval() -> None:
    """8 of 10 by the formula: (0.8 + z²/20 ± z·sqrt(.016 + z²/400)) / (1 + z²/10)."""
    assert rate_interval(8, 10, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_several_wordings_of_a_fact_do_not_narrow_the_interval() -> None:
    assert rate_interval(32, 40, 10) == pytest.approx(rate_interval(8, 10, 10))


def test_no_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="no scored question"):
        rate_interval(0, 0, 0)
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


def test_equal_methods_do_not_differ() -> None:
    found = contrast([True, False] * 10, [True, False] * 10, [str(n) for n in range(20)], 0)
    assert (found.difference, found.p_value, found.ci_low, found.ci_high) == (0, 1, 0, 0)


def test_holm() -> None:
    """Holm 1979: sorted p times 3, 2, 1, never falling."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
