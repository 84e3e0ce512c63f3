"""Two people who rank the same answers."""

import pytest

from evaluation.preferences.agreement import agreements, tau_of
from evaluation.preferences.rankings import Ranking


def ranking(by: str, number: int, ranks: tuple[int, ...] | None, answers: tuple[str, ...] = ("a", "b", "c")) -> Ranking:
    return Ranking(question_id=f"q{number}", question="Which?", answers=answers, ranks=ranks, by=by)


def test_tau_counts_pairs_in_one_order_against_those_in_the_other() -> None:
    """By hand. Of three pairs two are alike and one is not: (2 - 1) / 3. With a tie, tau-b: 2 / sqrt(3 · 2)."""
    assert tau_of((1, 2, 3), (1, 2, 3)) == pytest.approx(1)
    assert tau_of((1, 2, 3), (3, 2, 1)) == pytest.approx(-1)
    assert tau_of((1, 2, 3), (2, 1, 3)) == pytest.approx(1 / 3)
    assert tau_of((1, 2, 3), (1, 2, 2)) == pytest.approx(2 / 6**0.5)
    assert tau_of((1, 1, 1), (1, 2, 3)) is None


def test_two_people_are_compared_where_both_ranked_the_same_answers() -> None:
    rankings = [ranking("ann", n, (1, 2, 3)) for n in range(6)]
    rankings += [ranking("bob", n, (1, 2, 3) if n else (3, 2, 1)) for n in range(5)]
    rankings += [ranking("bob", 5, (1, 2, 3), answers=("a", "b", "d"))]
    (found,) = agreements(rankings)
    assert (found.a, found.b, found.shared, found.n) == ("ann", "bob", 5, 5)
    assert found.tau == pytest.approx((4 - 1) / 5)
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low <= 0.6 <= found.ci_high
    assert "ann and bob: Kendall's tau 0.60 (" in found.sentence


def test_ten_questions_ranked_the_other_way_round_are_no_certainty() -> None:
    """By hand: of 0 in 10, Wilson ends at z² / (10 + z²), z = 1.96; as tau twice that minus 1."""
    rankings = [ranking(by, n, ranks) for n in range(10) for by, ranks in (("ann", (1, 2, 3)), ("bob", (3, 2, 1)))]
    (found,) = agreements(rankings)
    assert (found.tau, found.ci_low) == (pytest.approx(-1), pytest.approx(-1))
    assert found.ci_high == pytest.approx(2 * 1.959964**2 / (10 + 1.959964**2) - 1, abs=1e-6)
    assert "Kendall's tau −1.00 (−1.00 to −0.44)" in found.sentence


def test_the_same_answers_in_another_order_are_the_same() -> None:
    rankings = [ranking("ann", 1, (1, 2, 3)), ranking("bob", 1, (3, 2, 1), answers=("c", "b", "a"))]
    assert agreements(rankings)[0].tau == pytest.approx(1)


def test_where_nobody_tells_answers_apart_there_is_no_agreement() -> None:
    (found,) = agreements([ranking("ann", 1, None), ranking("bob", 1, (1, 2, 3))])
    assert (found.shared, found.n, found.tau, found.ci_low) == (1, 0, None, None)
    assert found.sentence.endswith("n/a (all ties).")
    assert agreements([ranking("ann", 1, (1, 2, 3)), ranking("bob", 2, (1, 2, 3))]) == []
