"""Differences of a family against values worked out by hand: what their intervals are, and that they agree with p."""

import numpy as np
import pytest

from evaluation.analysis.simultaneous import Pairs, simultaneous

A = [True] * 8 + [True] * 7 + [False] + [False] * 4  # both right 8, only a 7, only b 1, neither 4
B = [True] * 8 + [False] * 7 + [True] + [False] * 4
TWENTY = [str(n) for n in range(20)]


def test_one_difference_by_hand() -> None:
    """With half a fact for each side the estimate is 6 / 21.

    Its standard error is sqrt(Σ(gain - estimate · size)²) / 21, and the deviations are 7 of .714, 1 of -1.286, 12 of
    -.286, and .357 and -.643 of the halves: Σ = 3.571 + 1.653 + .980 + .128 + .413 = 6.745, so .1237. Power of 80 %
    adds .84 standard errors to the 1.96.
    """
    (found,) = simultaneous([Pairs(A, B, TWENTY)], seed=0)
    assert (found.n_pairs, found.n_facts) == (20, 20)
    assert found.difference == pytest.approx(6 / 20)
    assert (found.ci_low, found.ci_high) == pytest.approx((6 / 21 - 1.96 * 0.1237, 6 / 21 + 1.96 * 0.1237), abs=0.015)
    assert found.minimum_detectable == pytest.approx(2.80 * 0.1237, abs=0.015)
    assert found.p_value == pytest.approx(0.021, abs=0.008), "two-sided, at 6 / 21 / .1237 = 2.31 standard errors"
    assert found.ahead


def test_what_is_said_twice_costs_no_correction() -> None:
    """The same comparison named twice: the family is not wider than one."""
    (one,) = simultaneous([Pairs(A, B, TWENTY)], seed=0)
    for twice in simultaneous([Pairs(A, B, TWENTY)] * 2, seed=0):
        assert vars(twice) == pytest.approx(vars(one))


def test_unrelated_comparisons_cost_what_sidak_says() -> None:
    """Two about other facts: each at 1 - sqrt(.95), 2.236 standard errors where one alone has 1.960."""
    rng = np.random.default_rng(0)
    names = [[f"{family} {n}" for n in range(400)] for family in "xy"]
    members = [Pairs(rng.random(400) < 0.6, rng.random(400) < 0.5, own) for own in names]
    for alone, together in zip(([member] for member in members), simultaneous(members, seed=1), strict=True):
        (single,) = simultaneous(alone, seed=1)
        wider = (together.ci_high - together.ci_low) / (single.ci_high - single.ci_low)
        assert wider == pytest.approx(2.236 / 1.960, abs=0.03)


def test_an_interval_never_contradicts_its_p_value() -> None:
    rng = np.random.default_rng(0)
    seen = set()
    for number in range(40):
        facts, rates = int(rng.integers(20, 150)), rng.random(4) * 0.5 + 0.25
        right = [rng.random(facts) < rate for rate in rates]
        names = [str(n) for n in range(facts)]
        for row in simultaneous([Pairs(right[0], other, names) for other in right[1:]], number):
            assert row.ahead is (row.p_value < 0.05)
            assert row.ci_low < row.difference < row.ci_high
            seen.add(row.ahead)
    assert seen == {True, False}


def test_copies_of_a_fact_add_no_evidence() -> None:
    a, b = [True, False, True, True, False, True], [False, False, True, False, True, True]
    facts = [str(n) for n in range(6)]
    (once,), (thrice,) = (simultaneous([Pairs(a * k, b * k, facts * k)], 0) for k in (1, 3))
    assert (thrice.n_pairs, thrice.n_facts) == (18, 6)
    for name in ("difference", "ci_low", "ci_high", "p_value", "minimum_detectable"):
        assert getattr(thrice, name) == pytest.approx(getattr(once, name))


def test_equal_methods_do_not_differ_but_are_not_proved_equal() -> None:
    """No discordant fact among 20 leaves room for a few: the interval holds 0 and has a width."""
    (found,) = simultaneous([Pairs([True, False] * 10, [True, False] * 10, TWENTY)], 0)
    assert found.difference == 0
    assert found.p_value > 0.9
    assert -0.2 < found.ci_low < 0 < found.ci_high < 0.2


def test_weights_decide_which_way_a_difference_points() -> None:
    """a wins 6 light facts, b 2 heavy ones: unweighted a is ahead, weighted b, and neither for sure."""
    a, b = [True] * 6 + [False] * 2, [False] * 6 + [True] * 2
    facts = [str(n) for n in range(8)]
    plain, weighted = simultaneous([Pairs(a, b, facts), Pairs(a, b, facts, [1.0] * 6 + [9.0] * 2)], 0)
    assert plain.difference == pytest.approx(0.5)
    assert weighted.difference == pytest.approx((6 - 18) / 24)
    assert not weighted.ahead


def test_a_family_over_different_questions_shares_its_facts() -> None:
    """A member with fewer questions has its own facts and denominator."""
    whole, part = simultaneous([Pairs(A, B, TWENTY), Pairs(A[8:16], B[8:16], TWENTY[8:16])], 0)
    assert (whole.n_facts, part.n_facts) == (20, 8)
    assert part.difference == pytest.approx(6 / 8)


def test_no_pair_is_an_error_and_no_family_is_empty() -> None:
    with pytest.raises(ValueError, match="no question"):
        simultaneous([Pairs([], [], [])], 0)
    assert simultaneous([], 0) == []
