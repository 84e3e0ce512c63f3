"""Intervals that hold whenever a run ends: by hand, and against chance."""

from math import exp, log

import numpy as np
import pytest

from evaluation.analysis.anytime import PLAIN, STAKES, Kinds, anytime, log_wealth, threshold
from evaluation.analysis.simultaneous import Pairs


def _pairs(won: int, lost: int, alike: int, copies: int = 1) -> Pairs:
    a = [True] * won + [False] * lost + [True] * alike
    b = [False] * won + [True] * lost + [True] * alike
    return Pairs(a * copies, b * copies, list(range(len(a))) * copies)


def test_money_by_hand() -> None:
    """Two facts won and one lost: each share f has become (1 + f)² (1 - f), and the mean of these is what is there."""
    money = sum((1 + f) ** 2 * (1 - f) for f in STAKES) / len(STAKES)
    assert log_wealth(PLAIN, np.array([1.0, 5.0, 2.0]), 0.0) == pytest.approx(log(money))
    against = sum((1 + f * (1 - 0.2) / 1.2) ** 2 * (1 + f * (-1 - 0.2) / 1.2) for f in STAKES) / len(STAKES)
    assert log_wealth(PLAIN, np.array([1.0, 0.0, 2.0]), 0.2) == pytest.approx(log(against))


def test_money_falls_where_more_is_claimed() -> None:
    counts = np.array([12.0, 60.0, 31.0])
    money = [float(log_wealth(PLAIN, counts, above)) for above in np.linspace(-0.9, 0.9, 40)]
    assert money == sorted(money, reverse=True)


def test_an_interval_ends_where_the_money_is_just_enough() -> None:
    (found,) = anytime([_pairs(30, 10, 60)])
    assert (found.n_pairs, found.n_facts, found.difference) == (100, 100, pytest.approx(0.2))
    counts = np.array([10.0, 60.0, 30.0])
    assert log_wealth(PLAIN, counts, found.ci_low) == pytest.approx(threshold(1), abs=1e-6)
    assert log_wealth(PLAIN.turned, counts, -found.ci_high) == pytest.approx(threshold(1), abs=1e-6)
    assert threshold(1) == pytest.approx(log(2 / 0.05))
    assert found.p_value == pytest.approx(2 * exp(-float(log_wealth(PLAIN, counts, 0.0))))
    assert found.ahead is (found.p_value < 0.05) is True


def test_a_family_pays_for_each_of_its_members() -> None:
    alone, (first, second) = anytime([_pairs(30, 10, 60)])[0], anytime([_pairs(30, 10, 60), _pairs(5, 5, 90)])
    assert first.p_value == pytest.approx(2 * alone.p_value)
    assert first.ci_low < alone.ci_low < alone.ci_high < first.ci_high
    assert not second.ahead


def test_nobody_betting_on_equal_methods_proves_them_equal() -> None:
    (found,) = anytime([_pairs(0, 0, 100)])
    assert (found.difference, found.p_value) == (0.0, 1.0)
    assert found.ci_low == pytest.approx(-found.ci_high)
    assert 0.02 < found.ci_high < 0.12


def test_wordings_of_a_fact_are_one_bet() -> None:
    """Answers that are copies of each other say nothing new."""
    once, thrice = anytime([_pairs(30, 10, 60)])[0], anytime([_pairs(30, 10, 60, copies=3)])[0]
    assert (thrice.n_pairs, thrice.n_facts) == (300, 100)
    assert (thrice.ci_low, thrice.ci_high, thrice.p_value) == pytest.approx((once.ci_low, once.ci_high, once.p_value))


def test_weights_decide_which_way_a_difference_points() -> None:
    a, b = [True] * 60 + [False] * 20, [False] * 60 + [True] * 20
    heavy = Pairs(a, b, list(range(80)), [1.0] * 60 + [9.0] * 20)
    (found,) = anytime([heavy])
    assert found.difference == pytest.approx((60 - 180) / 240)
    assert found.ci_low < found.difference < found.ci_high


@pytest.mark.parametrize("shares", [(0.25, 0.5, 0.25), (0.05, 0.9, 0.05), (0.5, 0.0, 0.5), (0.01, 0.98, 0.01)])
def test_looking_after_every_fact_proves_nothing_wrong(shares: tuple[float, float, float]) -> None:
    """2,000 runs of 300 facts about equal methods, looked at 300 times each: 5 % at most, 1.1 % standard error.

    A test made for one look, at 1.96 standard errors, claims in a third of them and more.
    """
    rng = np.random.default_rng(1)
    gains = rng.choice([-1, 0, 1], (2000, 300), p=shares)
    counts = np.stack([(gains == gain).cumsum(axis=1) for gain in (-1, 0, 1)], axis=-1).astype(float)
    ahead = np.maximum(log_wealth(PLAIN, counts, 0.0), log_wealth(PLAIN.turned, counts, 0.0)) >= threshold(1)
    assert ahead.any(axis=1).mean() < 0.05
    spread = np.sqrt(np.maximum((gains**2).cumsum(axis=1), 1))
    assert (np.abs(gains.cumsum(axis=1)) > 1.96 * spread).any(axis=1).mean() > 0.1


def test_the_true_difference_is_inside_at_every_look() -> None:
    """20 points, and facts of one to three wordings that are answered alike: their weights are not equal."""
    rng = np.random.default_rng(2)
    size = np.array([1.0, 2.0, 3.0])
    kinds = Kinds(np.concatenate([size * gain for gain in (-1, 0, 1)]) / 3, np.tile(size, 3) / 3)
    drawn = rng.choice(9, (2000, 200), p=np.repeat([0.1, 0.6, 0.3], 3) / 3)
    counts = np.stack([(drawn == kind).cumsum(axis=1) for kind in range(9)], axis=-1).astype(float)
    left_out = np.maximum(log_wealth(kinds, counts, 0.2), log_wealth(kinds.turned, counts, -0.2)) >= threshold(1)
    assert left_out.any(axis=1).mean() < 0.05


def test_no_pair_is_an_error() -> None:
    with pytest.raises(ValueError, match="no question"):
        anytime([Pairs([], [], [])])
