"""What a tuning changed: figures by hand."""

import math

import pytest
import torch

from evaluation.preferences.asking import divergence
from evaluation.preferences.change import in_points, mean_change, sentence_of, share_change, share_of
from evaluation.results.preference import Mean, Preferred


def test_shares_are_paired_and_few_changes_prove_nothing() -> None:
    facts = [str(number) for number in range(20)]
    none = share_change([False] * 20, [False] * 20, facts)
    assert none
    assert (none.before, none.after, none.difference) == (0, 0, 0)
    assert none.ci_low < 0 < none.ci_high, "that nothing changed among 20 is no proof of no change"
    all_ = share_change([False] * 20, [True] * 20, facts)
    assert all_
    assert all_.difference == 1
    assert all_.ci_low > 0.5
    assert share_change([], [], []) is None


def test_a_share_of_all_is_no_certainty() -> None:
    """By hand, Wilson for 100 of 100: 100 / (100 + 1.96 squared)."""
    found = share_of([1.0] * 100, [str(number) for number in range(100)])
    assert (found.n, found.mean, found.ci_high) == (100, 1, pytest.approx(1))
    assert found.ci_low == pytest.approx(100 / (100 + 1.959964**2), abs=1e-6)
    even = share_of([0.5] * 10, [str(number) for number in range(10)])
    assert even.ci_low < 0.3 < 0.7 < even.ci_high


def test_means_are_of_the_same_questions() -> None:
    found = mean_change([1.0, 3.0], [2.0, 8.0], ["a", "b"])
    assert (found.before, found.after, found.difference) == (2, 5, 3)
    assert (found.ci_low, found.ci_high) == (1, 5)


def test_the_divergence_is_that_of_the_definition() -> None:
    p, q = torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[0.25, 0.75]]).log()
    by_hand = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    assert divergence(p, q) == pytest.approx(by_hand, rel=1e-5)
    assert divergence(torch.cat([p, p]), torch.cat([q, p])) == pytest.approx(by_hand / 2, rel=1e-5)


def test_the_sentence_names_behaviour_and_knowledge() -> None:
    words = mean_change([1.0, 3.0], [2.0, 8.0], ["a", "b"])
    form = share_change([False] * 20, [True] * 20, [str(number) for number in range(20)])
    assert form
    told = sentence_of(form, words, form)
    assert (
        told
        == f"Behaviour changed by {in_points(form)} in house form, knowledge by {in_points(form)} of right answers."
    )
    assert "+3.0 words an answer (+1.0 to +5.0)" in sentence_of(None, words, None)


def test_what_people_ranked_is_told_by_a_reward_model_with_its_accuracy() -> None:
    words = mean_change([1.0, 3.0], [2.0, 8.0], ["a", "b"])
    form = share_change([False] * 20, [True] * 20, [str(number) for number in range(20)])

    def told(low: float) -> str:
        share = Mean(n=80, mean=0.7, ci_low=0.6, ci_high=0.8)
        judge = Mean(n=50, mean=0.75, ci_low=low, ci_high=0.9)
        return sentence_of(form, words, form, Preferred(share=share, accuracy=judge))

    assert told(0.6).startswith(
        "Behaviour changed by +20 points (10 to 30) from even: 70% of 80 answers preferred to those from before by a "
        "reward model with 75% (60% to 90%) of unseen pairs right, knowledge by"
    )
    assert "n/a (70% of 80" in told(0.4)
    assert "no better than chance" in told(0.4)
