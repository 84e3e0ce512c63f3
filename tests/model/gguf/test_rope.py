"""Positions stretched in the file are stretched in the network, or the file is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import write_tiny_gguf

from data.errors import TriviumError
from model.gguf.rope import llama3_factors
from model.local import LocalModel

LLAMA31 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}


def test_factors_are_those_of_transformers() -> None:
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

    for size, base in ((128, 500000.0), (64, 10000.0)):
        plain = 1 / base ** (np.arange(0, size, 2) / size)
        config = LlamaConfig(hidden_size=size * 2, num_attention_heads=2, max_position_embeddings=131072,
                             rope_parameters={"rope_type": "llama3", "rope_theta": base, **LLAMA31})  # fmt: skip
        expected = plain / LlamaRotaryEmbedding(config).inv_freq.numpy()
        np.testing.assert_allclose(llama3_factors(size, base, LLAMA31), expected, rtol=1e-4)


def _with_factors(folder: Path, path: Path, factors: list[float], monkeypatch: pytest.MonkeyPatch) -> Path:
    from gguf import GGUFWriter

    write = GGUFWriter.write_header_to_file

    def with_factors(writer: Any) -> None:
        writer.add_tensor("rope_freqs.weight", np.array(factors, dtype=np.float32))
        write(writer)

    with monkeypatch.context() as patch:
        patch.setattr(GGUFWriter, "write_header_to_file", with_factors)
        return write_tiny_gguf(folder, path, base=500000.0)


def test_factors_of_llama_3_reach_the_network(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factors = llama3_factors(8, 500000.0, LLAMA31)
    assert (factors[0], factors[-1]) == (1.0, 8.0)
    model = LocalModel(str(_with_factors(tiny_model_folder, tmp_path / "a.gguf", factors, monkeypatch)), "cpu")
    plain = 1 / 500000.0 ** (torch.arange(0, 8, 2) / 8)
    torch.testing.assert_close(model.network.model.rotary_emb.inv_freq, plain / torch.tensor(factors))


def test_factors_of_another_kind_are_refused(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _with_factors(tiny_model_folder, tmp_path / "b.gguf", [1.0, 2.0, 3.0, 8.0], monkeypatch)
    with pytest.raises(TriviumError, match=r"not those of Llama 3\.1"):
        LocalModel(str(file), "cpu")


def test_other_ways_to_stretch(tiny_model_folder: Path, tmp_path: Path) -> None:
    linear = write_tiny_gguf(
        tiny_model_folder, tmp_path / "l.gguf", llama_rope_scaling_type="linear", llama_rope_scaling_factor=4
    )
    plain, read = LocalModel(str(tiny_model_folder), "cpu"), LocalModel(str(linear), "cpu")
    torch.testing.assert_close(read.network.model.rotary_emb.inv_freq * 4, plain.network.model.rotary_emb.inv_freq)
    odd = write_tiny_gguf(tiny_model_folder, tmp_path / "o.gguf", llama_rope_scaling_type="longrope")
    with pytest.raises(TriviumError, match="stretched in a way"):
        LocalModel(str(odd), "cpu")
