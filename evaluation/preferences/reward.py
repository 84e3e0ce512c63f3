"""How well a reward model learns what is preferred: on questions that it was not fitted on, beside length alone."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from data.errors import TriviumError
from data.progress import Progress
from evaluation.preferences.change import mean_of, share_of
from evaluation.preferences.rankings import Pair
from evaluation.results.preference import Mean, Preferred, RewardModel
from finetune.preference import TokenPair
from finetune.reward import features, fit
from model.language_model import Trainable

FOLDS = 5


def ordered(weights: Tensor, chosen: Tensor, rejected: Tensor) -> list[float]:
    """Of each pair 1 where the preferred answer has the higher reward, a half where both have the same, else 0."""
    ahead = (chosen - rejected) @ weights
    return [0.5 if value == 0 else float(value > 0) for value in ahead.tolist()]


def _folds(questions: Sequence[str], seed: int) -> list[int]:
    """The fold of each pair; all pairs of a question are in one."""
    names = sorted(set(questions))
    random.Random(f"folds {seed}").shuffle(names)
    fold = {name: place % FOLDS for place, name in enumerate(names)}
    return [fold[name] for name in questions]


def out_of_fold(chosen: Tensor, rejected: Tensor, questions: Sequence[str], seed: int) -> list[float]:
    """`ordered` of each pair by a head that was fitted on other questions alone."""
    fold, found = torch.tensor(_folds(questions, seed)), torch.zeros(len(questions))
    for number in range(FOLDS):
        inside = fold == number
        if inside.any():
            weights = fit(chosen[~inside], rejected[~inside])
            found[inside] = torch.tensor(ordered(weights, chosen[inside], rejected[inside]))
    return [float(value) for value in found]


def enough(pairs: Sequence[Pair]) -> bool:
    """Whether each part of the questions has one."""
    return len({pair.question_id for pair in pairs}) >= FOLDS


def length_of(answer: str) -> list[float]:
    """The only feature of the comparison: characters."""
    return [float(len(answer))]


def reward_model(
    model: Trainable, method: str, pairs: Sequence[Pair], tokens: Sequence[TokenPair], by: str, seed: int,
    progress: Progress,
) -> tuple[RewardModel, Tensor]:  # fmt: skip
    """A head fitted on all pairs, and its accuracy on questions that it was not fitted on.

    Raises:
        TriviumError: the pairs are about fewer questions than there are folds.
    """
    questions = [pair.question_id for pair in pairs]
    if not enough(pairs):
        raise TriviumError(f"a reward model needs preferences about {FOLDS} questions; rank some more.")
    texts = [(*pair.prompt, *answer) for pair in tokens for answer in (pair.chosen, pair.rejected)]
    read = features(model, texts, progress)
    chosen, rejected = read[::2], read[1::2]
    by_length = out_of_fold(
        torch.tensor([length_of(pair.chosen) for pair in pairs]),
        torch.tensor([length_of(pair.rejected) for pair in pairs]), questions, seed,
    )  # fmt: skip
    found = out_of_fold(chosen, rejected, questions, seed)
    figures = RewardModel(
        method=method, by=by, pairs=len(pairs), questions=len(set(questions)), folds=FOLDS,
        accuracy=share_of(found, questions),
        length_alone=share_of(by_length, questions),
        beyond_length=mean_of([a - b for a, b in zip(found, by_length, strict=True)], questions, seed),
    )  # fmt: skip
    return figures, fit(chosen, rejected)


def rewards_of(
    model: Trainable, head: Tensor, prompts: Sequence[str], texts: Sequence[str], progress: Progress
) -> Tensor:
    """The reward of an answer to each prompt, shape (prompts,)."""
    read = [(*model.encode(p), *model.encode(text), model.end_token()) for p, text in zip(prompts, texts, strict=True)]
    return features(model, read, progress) @ head


def preferred_after(
    model: Trainable, head: Tensor, accuracy: Mean, prompts: Sequence[str], facts: Sequence[str],
    before: Sequence[str], after: Sequence[str], progress: Progress,
) -> Preferred:  # fmt: skip
    """How often the reward model prefers the answer after a tuning; only where the two differ is it asked."""
    differ = [place for place, (early, late) in enumerate(zip(before, after, strict=True)) if early != late]
    asked = [prompts[place] for place in differ]
    found = [0.5] * len(prompts)
    if differ:
        early = rewards_of(model, head, asked, [before[place] for place in differ], progress)
        late = rewards_of(model, head, asked, [after[place] for place in differ], progress)
        for place, ahead in zip(differ, (late - early).tolist(), strict=True):
            found[place] = 0.5 if ahead == 0 else float(ahead > 0)
    return Preferred(share=share_of(found, facts), accuracy=accuracy)
