"""Computing activations again gives the same loss and the same gradients, in less memory."""

from typing import Any

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from data.errors import TriviumError
from data.schema import Domain
from finetune.adapter import lora_config, new_adapter
from finetune.checkpointing import recomputing
from finetune.examples import Example, training_examples
from finetune.merged import merged_products
from finetune.settings import TrainingSettings
from finetune.train import step_gradients
from rag.chunk import chunk


def _step(model: Any, examples: list[Example], wanted: bool, merged: bool) -> tuple[float, list[torch.Tensor], int]:
    """Loss and gradients of one step, and the bytes that were kept for the way back."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    torch.manual_seed(0)
    with new_adapter(model, lora_config(TrainingSettings(rank=4)), "test") as parameters:
        for number, parameter in enumerate(parameters):
            torch.nn.init.normal_(parameter, std=0.05, generator=torch.Generator().manual_seed(number))
        if merged:
            with merged_products(model.network), recomputing(model.network, wanted), saved_tensors_hooks(keep, keep):
                loss = step_gradients(model, [examples[:3], examples[3:]])
        else:
            with recomputing(model.network, wanted), saved_tensors_hooks(keep, lambda tensor: tensor):
                loss = step_gradients(model, [examples[:3], examples[3:]])
        return loss, [p.grad.clone() for p in parameters if p.grad is not None], sum(kept.values())


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("shares", [False, True])
def test_the_same_step_in_less_memory(domain: Domain, tiny_model: Any, shares: bool, merged: bool) -> None:
    """Behind a shared prefix too, whose layout must be the same on the way back."""
    tiny_model.shares_prefixes = shares
    _, examples = training_examples(domain, domain.split("train"), tiny_model, 0, chunk)
    loss, gradients, kept = _step(tiny_model, examples, False, merged)
    again, same, less = _step(tiny_model, examples, True, merged)
    assert again == pytest.approx(loss, rel=1e-6)
    assert len(gradients) == len(same) > 0
    for a, b in zip(same, gradients, strict=True):
        torch.testing.assert_close(a, b, atol=1e-7, rtol=1e-5)
    assert less < 0.7 * kept


def test_layers_are_afterwards_as_they_were(tiny_model: Any) -> None:
    layers = tiny_model.network.model.layers
    before = [dict(layer.__dict__) for layer in layers]
    with recomputing(tiny_model.network):
        assert all(layer.training for layer in layers)
        assert not any(module.training for layer in layers for module in layer.children())
    assert [dict(layer.__dict__) for layer in layers] == before


def test_an_architecture_that_cannot_do_it_is_one_sentence(tiny_model: Any) -> None:
    with pytest.raises(TriviumError, match="--no-gradient-checkpointing"), recomputing(tiny_model.network.lm_head):
        pass
