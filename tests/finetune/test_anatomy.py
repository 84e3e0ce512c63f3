"""Gradient norms and the loss along a direction, against finite differences; one step; the smallest example by hand."""

from collections.abc import Iterator, Sequence

import pytest
import torch

from data.schema import Domain
from finetune.adapter import lora_config, new_adapter
from finetune.anatomy import Named, gradients, layer_of, loss_along, norms_by_layer, step_apart, valley
from finetune.examples import Example, training_examples
from finetune.settings import TrainingSettings
from finetune.smallest import smallest_example
from finetune.train import mean_loss
from model.local import LocalModel
from rag.chunk import chunk


@pytest.fixture
def batch(domain: Domain, tiny_model: LocalModel) -> list[Example]:
    return training_examples(domain, domain.split("train"), tiny_model, 0, chunk)[1]


@pytest.fixture
def named(tiny_model: LocalModel) -> Iterator[Named]:
    """The weights of a fresh adapter that already does something (no matrix of it is 0), in double precision."""
    tiny_model.network.double()
    torch.manual_seed(0)
    with new_adapter(tiny_model, lora_config(TrainingSettings(rank=4)), "apart"):
        found = [(name, p) for name, p in tiny_model.network.named_parameters() if p.requires_grad]
        for number, (_, parameter) in enumerate(found):
            parameter.data = parameter.data.double()
            torch.nn.init.normal_(parameter, std=0.05, generator=torch.Generator().manual_seed(number))
        yield found


def test_layers_are_told_by_name() -> None:
    assert layer_of("model.layers.12.mlp.up_proj.lora_A.apart.weight") == 12
    assert layer_of("model.embed_tokens.weight") == -1
    tensors: Sequence[tuple[str, torch.Tensor | None]] = [
        ("x.layers.0.a", torch.tensor([3.0])), ("x.layers.0.b", torch.tensor([4.0])), ("x.layers.1.a", None),
        ("x.head", torch.tensor([9.0])),
    ]  # fmt: skip
    assert norms_by_layer(tensors) == [5.0, 0.0]


def test_gradient_norms_are_those_of_finite_differences(
    tiny_model: LocalModel, named: Named, batch: list[Example]
) -> None:
    """The loss falls along a layer's gradient as fast as its norm says: (L(w + eg/|g|) - L(w - eg/|g|)) / 2e = |g|."""
    assert gradients(tiny_model, named, batch) == pytest.approx(mean_loss(tiny_model, [batch]))
    norms = norms_by_layer([(name, p.grad) for name, p in named])
    assert len(norms) == 2
    for layer, norm in enumerate(norms):
        own = [layer_of(name) == layer for name, _ in named]
        direction = [
            p.grad.clone() / norm if mine and p.grad is not None else torch.zeros_like(p)
            for mine, (_, p) in zip(own, named, strict=True)
        ]
        low, high = loss_along(tiny_model, named, direction, batch, (-2e-3, 2e-3))  # the loss itself is in float32
        assert (high - low) / 4e-3 == pytest.approx(norm, rel=1e-3)


def test_the_loss_along_a_direction_is_measured_and_the_weights_are_put_back(
    tiny_model: LocalModel, named: Named, batch: list[Example]
) -> None:
    before = [parameter.detach().clone() for _, parameter in named]
    direction = [torch.full_like(parameter, 0.01) for parameter in before]
    losses = loss_along(tiny_model, named, direction, batch, (0.0, 1.0, 2.0))
    for (_, parameter), start in zip(named, before, strict=True):
        assert torch.equal(parameter, start)
        parameter.data += 0.02
    assert losses[0] != losses[2]
    assert losses[2] == pytest.approx(mean_loss(tiny_model, [batch]), rel=1e-9)


def test_a_step_is_taken_apart(tiny_model: LocalModel, named: Named, batch: list[Example]) -> None:
    optimizer = torch.optim.SGD([parameter for _, parameter in named], lr=0.1)
    start = mean_loss(tiny_model, [batch])
    apart = step_apart(tiny_model, named, batch, optimizer)
    assert apart.loss_before == pytest.approx(start)
    assert apart.loss_after == pytest.approx(mean_loss(tiny_model, [batch]))
    assert apart.loss_after < apart.loss_before
    assert apart.change == pytest.approx([0.1 * norm for norm in apart.gradient]), "plain descent: rate times gradient"


def test_across_is_as_long_as_the_update_and_at_a_right_angle(
    tiny_model: LocalModel, named: Named, batch: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[torch.Tensor]] = []

    def record(model: object, named: object, direction: list[torch.Tensor], *rest: object) -> list[float]:
        seen.append(direction)
        return []

    monkeypatch.setattr("finetune.anatomy.loss_along", record)
    update = [torch.randn(p.shape, generator=torch.Generator().manual_seed(1), dtype=p.dtype) for _, p in named]
    valley(tiny_model, named, update, batch, (0.0,))
    along, across = (torch.cat([tensor.flatten() for tensor in direction]) for direction in seen)
    assert float(across.norm()) == pytest.approx(float(along.norm()), rel=1e-5)
    assert float(along @ across) == pytest.approx(0, abs=1e-2)


def test_the_smallest_example_by_hand() -> None:
    """w = 0: prediction 0, error -4, loss 16, gradient 4 · -4 = -16; rate .1 goes to 1.6, .3 over the floor to 4.8."""
    first, second, _ = smallest_example(0.1)
    assert (first["prediction"], first["loss"], first["gradient"]) == (0, 16, -16)
    assert first["new weight"] == pytest.approx(1.6)
    assert second["loss"] == pytest.approx(0.64)
    jumped = smallest_example(0.3)
    assert jumped[0]["new weight"] == pytest.approx(4.8)
    assert [row["new loss"] > row["loss"] for row in jumped] == [True, True, True]
    assert all(row["new loss"] < row["loss"] for row in smallest_example(0.24))
