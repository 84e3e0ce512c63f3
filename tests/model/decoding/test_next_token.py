"""The distribution after each setting is that of transformers; what is drawn follows it."""

from collections import Counter

import pytest
import torch
from scipy.stats import chisquare
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from model.decoding.next_token import Chooser, stages
from model.sampling import Sampling

LOGITS = torch.randn(50, generator=torch.Generator().manual_seed(3)) * 2
HISTORY = [7, 7, 12, 40]


def test_without_settings_there_is_the_model_alone() -> None:
    ((name, chances),) = stages(LOGITS, HISTORY, Sampling())
    assert name == "the model"
    expected = [float(x) for x in LOGITS.double().exp() / LOGITS.double().exp().sum()]
    assert chances.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0.6},
        {"top_k": 5},
        {"top_p": 0.7},
        {"repetition_penalty": 1.4},
        {"temperature": 1.7, "top_k": 8, "top_p": 0.8, "repetition_penalty": 1.2},
    ],
)
def test_the_last_stage_is_what_the_library_gives(settings: dict[str, float]) -> None:
    sampling = Sampling.model_validate({"temperature": 1.0} | settings)
    library = LogitsProcessorList([
        RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty), TemperatureLogitsWarper(sampling.temperature),
        *([TopKLogitsWarper(sampling.top_k)] if sampling.top_k else []), TopPLogitsWarper(sampling.top_p),
    ])  # fmt: skip
    expected = library(torch.tensor([HISTORY]), LOGITS[None].clone()).softmax(dim=-1)[0]
    found = stages(LOGITS, HISTORY, sampling)
    assert torch.allclose(found[-1][1], expected, atol=1e-6, rtol=0)
    assert len(found) == 1 + len(settings)
    assert all(float(chances.sum()) == pytest.approx(1, abs=1e-5) for _, chances in found)


def test_each_setting_does_what_its_name_says() -> None:
    """By hand, from the model's own probabilities."""
    own = LOGITS.softmax(dim=-1)
    kept = stages(LOGITS, HISTORY, Sampling(temperature=1.0, top_k=3))[-1][1]
    assert int((kept > 0).sum()) == 3
    best = own.topk(3).values
    assert sorted(kept[kept > 0].tolist()) == pytest.approx(sorted((best / best.sum()).tolist()), abs=1e-6)
    nucleus = stages(LOGITS, HISTORY, Sampling(temperature=1.0, top_p=0.5))[-1][1]
    ordered = own.sort(descending=True).values.cumsum(dim=-1)
    assert int((nucleus > 0).sum()) == int((ordered < 0.5).sum()) + 1, "the fewest tokens that hold half together"
    cooler = stages(LOGITS, HISTORY, Sampling(temperature=0.5))[-1][1]
    assert cooler.tolist() == pytest.approx((own**2 / (own**2).sum()).tolist(), abs=1e-6)
    penalised = stages(LOGITS, HISTORY, Sampling(temperature=1.0, repetition_penalty=2.0))[-1][1]
    assert all(float(penalised[token]) < float(own[token]) for token in set(HISTORY))


def test_what_is_drawn_follows_the_bars() -> None:
    """2,000 draws against the last stage; p > 0.001 with a fixed seed."""
    sampling = Sampling(temperature=0.9, top_k=12, top_p=0.95, seed=5)
    chances = stages(LOGITS, HISTORY, sampling)[-1][1].double()
    chooser = Chooser(sampling, range(2000))
    drawn = Counter(chooser.choose(LOGITS.expand(2000, -1), range(2000)))
    tokens = [token for token in range(len(LOGITS)) if chances[token] > 0]
    assert set(drawn) <= set(tokens)
    expected = chances[tokens] / chances[tokens].sum() * 2000
    assert chisquare([drawn[token] for token in tokens], expected.numpy()).pvalue > 0.001
