"""A reward model's accuracy is that on questions it was not fitted on, beside length alone."""

import pytest
import torch

from data.progress import silent
from evaluation.preferences.reward import FOLDS, _folds, out_of_fold, preferred_after
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


def test_the_answer_after_is_held_against_the_one_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reward here is the answer's length: one won, one lost, one the same, one of another wording as long."""
    asked: list[str] = []

    def by_length(model: object, head: object, prompts: list[str], texts: list[str], progress: object) -> torch.Tensor:
        asked.extend(prompts)
        return torch.tensor([float(len(text)) for text in texts])

    monkeypatch.setattr("evaluation.preferences.reward.rewards_of", by_length)
    accuracy = Mean(n=9, mean=0.8, ci_low=0.6, ci_high=0.9)
    found = preferred_after(
        None, torch.zeros(1), accuracy, ["p", "q", "r", "s"], ["1", "2", "3", "4"],  # type: ignore[arg-type]
        ["a", "bb", "same", "cc"], ["aa", "b", "same", "dd"], silent,
    )  # fmt: skip
    assert (found.share.n, found.share.mean, found.accuracy) == (4, (1 + 0 + 0.5 + 0.5) / 4, accuracy)
    assert "r" not in asked, "what did not change is not asked"
