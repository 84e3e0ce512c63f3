"""One product a layer gives what peft's three give: outputs, gradients, trained adapters; the base stays as it is."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from peft.tuners.lora import Linear as LoraLinear

from finetune import merged
from finetune.adapter import lora_config, new_adapter
from finetune.merged import merged_products
from finetune.settings import TrainingSettings

IDS = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 12]])


def _loss(model: Any) -> torch.Tensor:
    loss: torch.Tensor = model.network(input_ids=IDS, labels=IDS).loss
    return loss


def _filled(parameters: list[torch.nn.Parameter]) -> None:
    for number, parameter in enumerate(parameters):
        torch.nn.init.normal_(parameter, std=0.1, generator=torch.Generator().manual_seed(number))


def test_loss_and_gradients_are_those_of_peft(tiny_model: Any) -> None:
    with new_adapter(tiny_model, lora_config(TrainingSettings(rank=4)), "test") as parameters:
        _filled(parameters)
        before = tiny_model.fingerprint()
        expected = _loss(tiny_model)
        wanted = torch.autograd.grad(expected, parameters)
        with merged_products(tiny_model.network) as merge:
            assert all("forward" in m.__dict__ for m in tiny_model.network.modules() if isinstance(m, LoraLinear))
            found = _loss(tiny_model)
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
            for a, b in zip(torch.autograd.grad(found, parameters), wanted, strict=True):
                torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-3)
            with torch.no_grad():
                for parameter in parameters:
                    parameter.mul_(1.5)
            merge()
            changed = _loss(tiny_model)
        torch.testing.assert_close(changed, _loss(tiny_model), atol=1e-5, rtol=1e-5)
        assert abs(changed - expected) > 1e-3, "the change is seen"
        assert tiny_model.fingerprint() == before


def test_without_memory_for_it_the_layers_stay_as_they_are(tiny_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merged, "free_bytes", lambda device: 0)
    adapter = new_adapter(tiny_model, lora_config(TrainingSettings(rank=4)), "test")
    with adapter, merged_products(tiny_model.network) as merge:
        assert not any("forward" in m.__dict__ for m in tiny_model.network.modules())
        merge()


def _renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoraLinear, "active_adapters", None)


def _scaled_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    forward = LoraLinear.forward
    monkeypatch.setattr(LoraLinear, "forward", lambda self, x: 1.01 * forward(self, x))


def _forward_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoraLinear, "__call__", LoraLinear.forward)


@pytest.mark.parametrize("change", [_renamed, _scaled_otherwise, _forward_not_looked_up])
def test_another_peft_is_left_alone(
    tiny_model: Any, monkeypatch: pytest.MonkeyPatch, change: Callable[[pytest.MonkeyPatch], None]
) -> None:
    with new_adapter(tiny_model, lora_config(TrainingSettings(rank=4)), "test") as parameters:
        _filled(parameters)
        before = [parameter.clone() for parameter in parameters]
        with monkeypatch.context() as patched:
            change(patched)
            with merged_products(tiny_model.network) as merge:
                assert not any("forward" in m.__dict__ for m in tiny_model.network.modules())
                merge()
        assert all(map(torch.equal, parameters, before))
