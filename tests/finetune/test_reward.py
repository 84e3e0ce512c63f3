"""The head of a reward model: fitted as scipy fits it, blind to what does not differ."""

import numpy as np
import torch
from scipy.optimize import minimize

from data.progress import silent
from finetune.reward import PENALTY, features, fit
from model.local import LocalModel


def test_the_weights_are_those_of_another_optimiser() -> None:
    draw = torch.Generator().manual_seed(0)
    chosen, rejected = torch.randn(30, 4, generator=draw) + 0.3, torch.randn(30, 4, generator=draw)
    scale = np.concatenate([chosen, rejected]).std(axis=0)
    difference = (chosen - rejected).numpy() / scale

    def loss(weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        return float(np.logaddexp(0, -difference @ weights).mean() + PENALTY / 2 * weights @ weights)

    expected = minimize(loss, np.zeros(4)).x / scale
    assert np.allclose(fit(chosen, rejected).numpy(), expected, atol=1e-3)


def test_a_feature_without_spread_gets_no_weight() -> None:
    chosen, rejected = torch.tensor([[1.0, 5.0], [2.0, 5.0]]), torch.tensor([[0.0, 5.0], [0.0, 5.0]])
    weights = fit(chosen, rejected)
    assert weights[0] > 0
    assert weights[1] == 0


def test_features_are_those_of_the_last_token(tiny_model: LocalModel) -> None:
    texts = [tiny_model.encode("the otter"), tiny_model.encode("the otter of the harbour")]
    found = features(tiny_model, texts, silent)
    with torch.no_grad():
        whole = tiny_model.network(input_ids=torch.tensor([texts[1]]), output_hidden_states=True).hidden_states[-1]
    assert found.shape == (2, whole.shape[-1])
    assert torch.allclose(found[1], whole[0, -1], atol=1e-5)
