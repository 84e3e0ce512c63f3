"""A reward model's accuracy is that on questions it was not fitted on, beside length alone."""

import torch

from evaluation.preferences.reward import FOLDS, _folds, out_of_fold
from evaluation.results.preference import Mean, RewardModel


def test_all_pairs_of_a_question_are_in_one_fold() -> None:
    questions = [f"q{number // 3}" for number in range(30)]
    folds = _folds(questions, 0)
    assert {len({fold for fold, name in zip(folds, questions, strict=True) if name == one}) for one in questions} == {1}
    assert set(folds) == set(range(FOLDS))


def test_what_is_the_same_everywhere_is_learned_and_chance_is_not() -> None:
    draw = torch.Generator().manual_seed(0)
    questions = [f"q{number}" for number in range(200)]
    noise, other = torch.randn(200, 3, generator=draw), torch.randn(200, 3, generator=draw)
    better = noise + torch.tensor([3.0, 0, 0])
    assert sum(out_of_fold(better, other, questions, 0)) / 200 > 0.9
    assert 0.35 < sum(out_of_fold(noise, other, questions, 0)) / 200 < 0.65
    assert out_of_fold(noise, noise, questions, 0) == [0.5] * 200


def test_the_sentence_says_whether_it_is_length() -> None:
    def mean(value: float, low: float, high: float) -> Mean:
        return Mean(n=50, mean=value, ci_low=low, ci_high=high)

    def told(low: float) -> str:
        return RewardModel(
            method="base", by="", pairs=50, questions=50, folds=5, accuracy=mean(0.9, 0.8, 1),
            length_alone=mean(0.7, 0.6, 0.8), beyond_length=mean(0.2, low, 0.3),
        ).sentence  # fmt: skip

    assert "90% of 50 pairs" in told(0.1)
    assert "has learned more than length" in told(0.1)
    assert "shows nothing that length does not" in told(-0.1)
