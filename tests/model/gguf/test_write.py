"""Weights written as GGUF are read back as they were, or refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fakes import write_tiny_gguf, write_tiny_model

from data.errors import Incapable
from model.gguf.convert import convert, read_network
from model.gguf.write import write_weights


@pytest.mark.parametrize("family", ["Llama", "Qwen2"])
def test_other_weights_take_the_place_of_those_of_the_file(tmp_path: Path, family: str) -> None:
    source = write_tiny_gguf(write_tiny_model(tmp_path / "model", family), tmp_path / "source.gguf")
    network = read_network(source)
    with torch.no_grad():
        for number, parameter in enumerate(network.parameters()):
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number)))
    write_weights(source, tmp_path / "target.gguf", network)
    again = read_network(tmp_path / "target.gguf")
    for name, parameter in network.state_dict().items():
        assert np.array_equal(again.state_dict()[name].numpy(), parameter.numpy()), name
    convert(tmp_path / "target.gguf", tmp_path / "folder")
    assert (tmp_path / "folder" / "tokenizer.json").exists(), "a whole model, with its vocabulary"


def test_a_file_that_would_answer_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_tiny_gguf(write_tiny_model(tmp_path / "model"), tmp_path / "source.gguf")
    monkeypatch.setattr("model.gguf.write._TURNED", {})  # as for an architecture whose rows nobody knew to be turned
    with pytest.raises(Incapable, match=r"'model.layers.0.self_attn.[qk]_proj.weight' is not the same"):
        write_weights(source, tmp_path / "target.gguf", read_network(source))
