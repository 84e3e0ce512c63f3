"""DPO by trl's trainer: its loss and gradient are those of the paper, and nothing of the base changes."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from data.errors import TriviumError
from data.progress import silent
from finetune.adapter import read_adapter, switched_on
from finetune.preference import (
    PreferenceSettings,
    TokenPair,
    _begun,
    _trainer_class,
    dpo_trainer,
    obtain_preferred,
    tune,
)
from finetune.untouched import as_it_was, quiet
from model.local import LocalModel

SETTINGS = PreferenceSettings(rank=4, beta=0.3, anchor=0, batch_size=3, epochs=2, learning_rate=1e-2, warmup=0)


def pairs(model: LocalModel) -> list[TokenPair]:
    end = model.end_token()
    texts = [
        ("Which animal?", "the otter", "a seal of the harbour"),
        ("Who?", "an eider", "no"),
        ("Why so?", "x y", "z"),
    ]
    return [
        TokenPair(tuple(model.encode(q)), (*model.encode(good), end), (*model.encode(bad), end))
        for q, good, bad in texts
    ]


def log_probability(network: Any, prompt: tuple[int, ...], answer: tuple[int, ...]) -> torch.Tensor:
    """Of an answer after its prompt, one row at a time, from the whole vocabulary's logits."""
    ids = torch.tensor([[*prompt, *answer]])
    said = network(input_ids=ids, use_cache=False).logits[0].log_softmax(dim=-1)
    at = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
    return sum((said[place, token] for place, token in zip(at, answer, strict=True)), torch.zeros(()))


@pytest.mark.parametrize("anchor", [0.0, 0.5])
def test_loss_and_gradient_are_those_of_the_papers(tiny_model: LocalModel, tmp_path: Path, anchor: float) -> None:
    """Equation 7 of Rafailov et al. 2023: -log sigmoid(beta · (difference of log-ratios)), a mean over the batch.

    With an anchor also the chosen answers' own loss, as in Pang et al. 2024, but as a mean over the batch's tokens.
    """
    batch, network, settings = pairs(tiny_model), tiny_model.network, SETTINGS.model_copy(update={"anchor": anchor})
    with torch.no_grad():
        reference = [[log_probability(network, p.prompt, a) for a in (p.chosen, p.rejected)] for p in batch]
    with _begun(tiny_model, settings, None), as_it_was(network), quiet():
        trainer = dpo_trainer(tiny_model, batch, settings, tmp_path, [])
        weights = {key: p for key, p in network.named_parameters() if ".in_preference." in key}
        with torch.no_grad():  # away from the reference, where the loss is log 2 whatever was computed
            for number, weight in enumerate(weights.values()):
                weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(number)), alpha=0.2)
        network.train()
        inputs = trainer.data_collator([trainer.train_dataset[place] for place in range(3)])
        found = trainer.compute_loss(network, inputs)
        of_trl = torch.autograd.grad(found, list(weights.values()))
        losses = []
        for pair, (chosen, rejected) in zip(batch, reference, strict=True):
            ahead = log_probability(network, pair.prompt, pair.chosen) - chosen
            behind = log_probability(network, pair.prompt, pair.rejected) - rejected
            losses.append(-torch.log(torch.sigmoid(SETTINGS.beta * (ahead - behind))))
        said = [log_probability(network, pair.prompt, pair.chosen) for pair in batch]
        own = -sum(said, torch.zeros(())) / sum(len(pair.chosen) for pair in batch)
        expected = sum(losses, torch.zeros(())) / 3 + anchor * own
        by_hand = torch.autograd.grad(expected, list(weights.values()))
    assert abs(expected.item() - 0.6931) > 0.01
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)
    for one, other in zip(of_trl, by_hand, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-6)
    assert any(float(gradient.abs().max()) > 1e-4 for gradient in by_hand)


def margin(model: LocalModel, pair: TokenPair) -> float:
    with torch.no_grad():
        good, bad = (log_probability(model.network, pair.prompt, answer) for answer in (pair.chosen, pair.rejected))
    return float(good - bad)


def test_what_is_preferred_becomes_likelier_and_the_base_stays(tiny_model: LocalModel, tmp_path: Path) -> None:
    before, base = [margin(tiny_model, pair) for pair in pairs(tiny_model)], tiny_model.fingerprint()
    forward = tiny_model.network.__dict__.get("forward")
    adapter = obtain_preferred(tiny_model, pairs(tiny_model), SETTINGS, silent, tmp_path / "tuned")
    with switched_on(tiny_model, adapter):
        after = [margin(tiny_model, pair) for pair in pairs(tiny_model)]
    assert all(late > early for early, late in zip(before, after, strict=True))
    assert [margin(tiny_model, pair) for pair in pairs(tiny_model)] == before
    assert tiny_model.fingerprint() == base
    assert tiny_model.network.__dict__.get("forward") is forward
    assert not tiny_model.network.training
    curve = adapter.training["curve"]
    assert [line["step"] for line in curve] == [1, 2]
    assert curve[0]["loss"] == pytest.approx(0.6931, abs=1e-3), "at the first step policy and reference are one"


@pytest.mark.filterwarnings("ignore:Already found a .peft_config.")
def test_a_tuned_adapter_is_kept_and_another_start_is_another_one(tiny_model: LocalModel, tmp_path: Path) -> None:
    first = obtain_preferred(tiny_model, pairs(tiny_model), SETTINGS, silent, tmp_path / "tuned")
    again = obtain_preferred(tiny_model, pairs(tiny_model), SETTINGS, silent, tmp_path / "tuned")
    elsewhere = obtain_preferred(tiny_model, pairs(tiny_model), SETTINGS, silent, tmp_path / "other")
    assert (first.reused, again.reused, elsewhere.reused) == (False, True, True)
    assert {one.sha256 for one in (again, elsewhere)} == {first.sha256}
    turned = [TokenPair(p.prompt, p.rejected, p.chosen) for p in pairs(tiny_model)]
    undone = obtain_preferred(
        tiny_model, turned, SETTINGS, silent, tmp_path / "undone", read_adapter(first.folder, True)
    )
    assert undone.training["start"] == first.sha256
    assert undone.training["curve"][0]["loss"] == pytest.approx(0.6931, abs=1e-3), "the start is the reference"
    with switched_on(tiny_model, first):
        preferred = [margin(tiny_model, pair) for pair in pairs(tiny_model)]
    with switched_on(tiny_model, undone):
        assert all(margin(tiny_model, pair) < early for early, pair in zip(preferred, pairs(tiny_model), strict=True))


def test_a_tuning_that_is_stopped_leaves_the_modelas_it_was(tiny_model: LocalModel, tmp_path: Path) -> None:
    before, base = [margin(tiny_model, pair) for pair in pairs(tiny_model)], tiny_model.fingerprint()

    def stop(step: str, done: int = 0, total: int = 0) -> None:
        if done:
            raise KeyboardInterrupt

    settings = SETTINGS.model_copy(update={"seed": 7})
    with pytest.raises(KeyboardInterrupt):
        obtain_preferred(tiny_model, pairs(tiny_model), settings, stop, tmp_path / "tuned")
    assert not (tmp_path / "tuned").exists()
    assert [margin(tiny_model, pair) for pair in pairs(tiny_model)] == before
    assert tiny_model.fingerprint() == base
    assert not tiny_model.network.training
    again = obtain_preferred(tiny_model, pairs(tiny_model), settings, silent, tmp_path / "tuned")
    assert not again.reused


def test_without_a_preference_there_is_nothing_to_learn(tiny_model: LocalModel, tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no preference to learn from"):
        obtain_preferred(tiny_model, [], SETTINGS, silent, tmp_path / "tuned")


def test_another_trl_is_refused_before_it_tokenizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trl.DPOTrainer", type("DPOTrainer", (), {}))
    _trainer_class.cache_clear()
    try:
        with pytest.raises(TriviumError, match=r"prepares its pairs otherwise"):
            _trainer_class()
    finally:
        _trainer_class.cache_clear()


@pytest.mark.filterwarnings("ignore:Already found a .peft_config.")
def test_operations_are_those_that_a_counter_sees(tiny_model: LocalModel, tmp_path: Path) -> None:
    """On pairs of one length, as the formula leaves padding out; attention, left out too, is small at this width."""
    end = tiny_model.end_token()
    same = [
        TokenPair(tuple(range(5, 21)), (*range(30 + n, 36 + n), end), (*range(50 + n, 56 + n), end)) for n in range(4)
    ]
    settings = SETTINGS.model_copy(update={"batch_size": 4, "epochs": 3})
    with FlopCounterMode(display=False) as counter:
        told = tune(tiny_model, same, settings, silent, None, tmp_path)
    assert told["operations"] == pytest.approx(counter.get_total_flops(), rel=0.1)
