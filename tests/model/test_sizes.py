"""Sizes of a network from its configuration or GGUF header alone, against the network itself."""

import json
from pathlib import Path

import pytest
from fakes import write_tiny_gguf, write_tiny_model

from data.errors import TriviumError
from finetune.adapter import Lora
from finetune.settings import TrainingSettings
from model.local import LocalModel
from model.sizes import Sizes, sizes_of


def test_a_configuration_gives_what_its_shapes_say(tiny_model_folder: Path) -> None:
    found = sizes_of(str(tiny_model_folder))
    # A layer: queries and output 32 x 32, keys and values 32 x 16, three products of the gate 32 x 64.
    products, sides = 2 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 64), 2 * (2 * 64 + 2 * 48 + 3 * 96)
    words = found.vocabulary
    assert found == Sizes(
        weights=products + 2 * words * 32 + 5 * 32, products=products, sides=sides, layers=2, hidden=32, inner=64,
        heads=4, queries=32, keys=16, vocabulary=words, window=1024, biased=False,
    )  # fmt: skip


@pytest.mark.parametrize("family", ["Llama", "Qwen2"])
def test_the_model_has_as_many_weights_and_its_adapter_too(tmp_path: Path, family: str) -> None:
    folder = write_tiny_model(tmp_path / "model", family)
    found, model = sizes_of(str(folder)), LocalModel(str(folder), "cpu")
    assert (found.weights, found.products) == (model.parameters, model.shapes().linear)
    assert found.biased == (family == "Qwen2")
    with Lora().fresh(model, TrainingSettings(rank=3)) as fresh:
        assert sum(parameter.numel() for parameter in fresh.parameters) == 3 * found.sides


@pytest.mark.parametrize("family", ["Llama", "Qwen2"])
def test_a_gguf_header_says_the_same(tmp_path: Path, family: str) -> None:
    folder = write_tiny_model(tmp_path / "model", family)
    assert sizes_of(str(write_tiny_gguf(folder, tmp_path / "tiny.gguf"))) == sizes_of(str(folder))


def test_the_embedded_models_have_the_sizes_of_smollm2() -> None:
    found = sizes_of("smollm2-135m-reader")
    assert found == sizes_of("smollm2-135m-q4")
    assert (found.weights, found.layers, found.keys, found.vocabulary) == (134_515_008, 30, 192, 49152)


def test_a_configuration_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "no such thing"}')
    with pytest.raises(TriviumError, match=r"the configuration of '.*' cannot be read: .*[^.]\.$"):
        sizes_of(str(tmp_path))


@pytest.mark.parametrize("pairs", [{"a": "a"}, {"a": "b", "b": "a"}])
def test_adapters_that_name_each_other_are_one_sentence(tmp_path: Path, pairs: dict[str, str]) -> None:
    for name, base in pairs.items():
        (tmp_path / name).mkdir()
        config = json.dumps({"base_model_name_or_path": str(tmp_path / base)})
        (tmp_path / name / "adapter_config.json").write_text(config, encoding="utf-8")
    with pytest.raises(TriviumError, match="on top of another reader"):
        sizes_of(str(tmp_path / "a"))
