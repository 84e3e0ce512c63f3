"""An adapter that is kept out of what general questions use: the directions, and what a training does without them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from data.progress import silent
from finetune import null_space
from finetune.adapter import IN_TRAINING, Lora
from finetune.examples import Example
from finetune.null_space import Directions, find_directions, obtain_directions
from finetune.obtain import training_key
from finetune.settings import TrainingSettings
from finetune.steps import epochs_of
from finetune.train import train

SHARE = 0.9
KINDS = [[[1, 2, 3, 4, 5], [1, 2, 3, 9, 8, 7]], [[11, 12, 30, 31, 32, 33]]]
DISTINCT = [[1, 2, 3, 4, 5], [9, 8, 7], [11, 12, 30, 31, 32, 33]]  # a beginning in common counts once
DOWN = "model.layers.0.mlp.down_proj"
TAUGHT = [Example((2, 3, 40), (50, 51)), Example((2, 3, 41), (52, 53))]


@pytest.fixture
def found(tiny_model: Any) -> Directions:
    return find_directions(tiny_model, KINDS, SHARE, silent)


def _inputs(model: Any, name: str, texts: list[list[int]]) -> list[np.ndarray[Any, Any]]:
    """What enters a layer at each token of each text."""
    seen: list[np.ndarray[Any, Any]] = []
    layer = model.network.get_submodule(name)
    hook = layer.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0][0].double().numpy()))
    with torch.no_grad():
        for text in texts:
            model.network(input_ids=torch.tensor([text]), use_cache=False)
    hook.remove()
    return seen


def test_directions_are_the_fewest_that_hold_the_share(tiny_model: Any, found: Directions) -> None:
    whole = _inputs(tiny_model, DOWN, [text for kind in KINDS for text in kind])
    rows = np.concatenate([part[-len(kept) :] for part, kept in zip(whole, DISTINCT, strict=True)])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    strengths = np.linalg.svd(rows, compute_uv=False) ** 2
    shares = strengths.cumsum() / strengths.sum()
    directions = found.of[found.named[DOWN]].double().numpy()
    assert directions.shape[1] == int((shares < SHARE).sum()) + 1
    np.testing.assert_allclose(directions.T @ directions, np.eye(directions.shape[1]), atol=1e-5)
    held = np.linalg.norm(rows @ directions) ** 2 / strengths.sum()
    assert held == pytest.approx(shares[directions.shape[1] - 1], abs=1e-5)


def test_layers_with_one_input_have_one_name(tiny_model: Any, found: Directions) -> None:
    at = "model.layers.1.self_attn."
    assert found.named[at + "q_proj"] == found.named[at + "k_proj"] == found.named[at + "v_proj"]
    assert found.named[at + "o_proj"] != found.named[at + "q_proj"]
    linear = {name for name, part in tiny_model.network.named_modules() if isinstance(part, torch.nn.Linear)}
    assert found.named.keys() == linear - {"lm_head"}


def test_layers_looked_at_in_turns_have_the_same_directions(
    tiny_model: Any, found: Directions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(null_space, "_AT_ONCE", 1)
    apart = find_directions(tiny_model, KINDS, SHARE, silent)
    for name, one in found.named.items():
        torch.testing.assert_close(apart.of[apart.named[name]], found.of[one])


def _changed(model: Any, settings: TrainingSettings, texts: list[list[int]]) -> tuple[float, float]:
    """How far the down projection's output moved on these texts and on what was taught, after a training."""
    lengths = []
    steps = epochs_of(TAUGHT, settings)
    general, taught = (np.concatenate(_inputs(model, DOWN, many)) for many in (texts, [list(e.prompt) for e in TAUGHT]))
    torch.manual_seed(0)
    with Lora().fresh(model, settings) as fresh:
        train(model, fresh.parameters, steps, settings, silent, confine=fresh.confine)
        layer = model.network.get_submodule(DOWN)
        added = layer.get_delta_weight(IN_TRAINING).detach().double().numpy()
    for rows in (general, taught):
        lengths.append(float(np.linalg.norm(rows @ added.T)) / len(rows) ** 0.5)
    return lengths[0], lengths[1]


@pytest.fixture
def own_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts of these tests instead of the questions."""
    monkeypatch.setattr(null_space, "general_texts", lambda model, progress: KINDS)


def test_training_changes_less_where_it_is_kept_out_and_learns_all_the_same(tiny_model: Any, own_text: None) -> None:
    settings = TrainingSettings(epochs=20, batch_size=2, rank=4, alpha=8)
    texts = [text for kind in KINDS for text in kind]
    free_general, free_taught = _changed(tiny_model, settings, texts)
    general, taught = _changed(tiny_model, settings.model_copy(update={"spare": 0.99}), texts)
    assert general / taught < 0.5 * free_general / free_taught
    assert taught > 0


def test_the_matrix_stays_at_right_angles(tiny_model: Any, own_text: None) -> None:
    settings = TrainingSettings(epochs=3, batch_size=2, rank=4, alpha=8, spare=0.9)
    with Lora().fresh(tiny_model, settings) as fresh:
        train(tiny_model, fresh.parameters, epochs_of(TAUGHT, settings), settings, silent, confine=fresh.confine)
        directions = obtain_directions(tiny_model, 0.9, silent)
        down = tiny_model.network.get_submodule(DOWN).lora_A[IN_TRAINING].weight.detach()
        along = down @ directions.of[directions.named[DOWN]]
        assert float(along.norm()) < 1e-5 * float(down.norm())


def test_they_are_found_once(tiny_model: Any, own_text: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first = obtain_directions(tiny_model, SHARE, silent)
    assert first.record["texts"] == 3
    assert first.record["seconds"] > 0
    monkeypatch.setattr(null_space, "find_directions", None)
    again = obtain_directions(tiny_model, SHARE, silent)
    assert again.named == first.named
    assert again.record == first.record
    with pytest.raises(TypeError):
        obtain_directions(tiny_model, 0.5, silent)


def test_an_adapter_is_found_by_what_it_was_kept_out_of(tiny_model: Any, tmp_path: Path) -> None:
    keys = {share: training_key(tiny_model, TAUGHT, TrainingSettings(spare=share)) for share in (0.0, 0.9, 0.95)}
    assert len(set(keys.values())) == 3
