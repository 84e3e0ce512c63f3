"""The sizes of a network are those of its weights."""

from evaluation.lab.network import layers_of
from model.local import LocalModel


def test_the_network_is_drawn_from_its_own_numbers(tiny_model: LocalModel) -> None:
    parts = layers_of(tiny_model)
    assert [part["part"] for part in parts] == ["input", "2 layers", "output"]
    norm = tiny_model.network.model.norm.weight.numel()
    assert sum(part["weights"] for part in parts) + norm == tiny_model.parameters
