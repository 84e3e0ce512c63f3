"""A GGUF file is the same model as the folder that it was made of, or a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fakes import write_tiny_gguf, write_tiny_model

from data.errors import TriviumError
from data.prompt import PROMPT
from model.gguf import convert as module
from model.local import LocalModel
from model.weights import resolve_model


@pytest.fixture(scope="module", params=["Llama", "Qwen2"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model's folder, with biases that are not zero where it has some, and its GGUF file."""
    folder = write_tiny_model(tmp_path_factory.mktemp("model"), request.param)
    if request.param == "Qwen2":
        from safetensors.torch import load_file, save_file

        tensors = load_file(folder / "model.safetensors")
        draw = torch.Generator().manual_seed(1)
        biased = {k: torch.randn(t.shape, generator=draw) if k.endswith("bias") else t for k, t in tensors.items()}
        assert any(key.endswith("bias") for key in biased)
        save_file(biased, folder / "model.safetensors", {"format": "pt"})
    return folder, write_tiny_gguf(folder, tmp_path_factory.mktemp("gguf") / "tiny.gguf")


def test_a_file_answers_as_its_folder(both: tuple[Path, Path]) -> None:
    """Every logit of the file is that of the folder: weights, biases, the turned heads of Llama, positions."""
    folder, file = both
    plain, read = LocalModel(str(folder), "cpu"), LocalModel(str(file), "cpu")
    prompt = plain.render(PROMPT.messages("Answer briefly.", "Which animal is on the flag of Harbour? <|end|>"))
    assert read.render(prompt.messages) == prompt
    assert read.template.sha256 == plain.template.sha256
    assert read.encode(prompt) == plain.encode(prompt)
    assert torch.equal(read.answer_logits(prompt, [5, 6]), plain.answer_logits(prompt, [5, 6]))
    assert (read.end_token(), read.window, read.parameters) == (plain.end_token(), plain.window, plain.parameters)
    assert read.fingerprint() == plain.fingerprint()


def test_a_file_is_read_once_and_again_when_it_is_another(both: tuple[Path, Path], tmp_path: Path) -> None:
    _, file = both
    steps: list[tuple[str, int, int]] = []
    own = tmp_path / "own.gguf"
    own.write_bytes(file.read_bytes())

    def tell(step: str, done: int = 0, total: int = 0) -> None:
        steps.append((step, done, total))

    first = resolve_model(str(own), tell).weights
    bars = [(done, total) for step, done, total in steps if step == "reading own.gguf, once" and total]
    assert bars[0] == (0, bars[0][1])
    assert bars[-1] == (bars[0][1], bars[0][1])  # all tensors of the file
    assert bars[0][1] > 20
    assert any(step.startswith("writing the weights of own.gguf") for step, _, _ in steps)
    steps.clear()
    assert resolve_model(str(own), tell).weights == first
    assert steps == []
    changed = bytearray(own.read_bytes())
    changed[-4:] = np.float32(0.5).tobytes()
    own.write_bytes(changed)
    assert resolve_model(str(own), tell).weights != first
    assert steps


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"architecture": "mystery"}, "architecture 'mystery' is not read from GGUF"),
        ({"general_type": "adapter"}, r"a part of one \(adapter\)"),
        ({"split_count": 3}, "one of 3 parts.*llama-gguf-split --merge"),
        ({"without": "blk.1.ffn_up.weight"}, "missing, the first: model.layers.1.mlp.up_proj.weight"),
    ],
)
def test_what_is_no_whole_model_is_one_sentence(
    both: tuple[Path, Path], tmp_path: Path, options: dict[str, Any], reason: str
) -> None:
    file = write_tiny_gguf(both[0], tmp_path / "bad.gguf", **options)
    with pytest.raises(TriviumError, match=reason):
        LocalModel(str(file), "cpu")


def test_weights_that_the_network_would_not_take_are_refused(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transformers drops what it has no name for: biases in a Llama, for example."""
    from gguf import GGUFWriter

    add = GGUFWriter.write_header_to_file

    def with_a_bias(writer: Any) -> None:
        writer.add_tensor("blk.0.attn_q.bias", np.ones(32, dtype=np.float32))
        add(writer)

    monkeypatch.setattr(GGUFWriter, "write_header_to_file", with_a_bias)
    file = write_tiny_gguf(tiny_model_folder, tmp_path / "biased.gguf")
    with pytest.raises(TriviumError, match="it would be another model"):
        LocalModel(str(file), "cpu")


def test_a_torn_file_is_one_sentence(both: tuple[Path, Path], tmp_path: Path) -> None:
    content = both[1].read_bytes()
    for size, reason in ((len(content) - 1, "are there. Download it again"), (500, "or not all of it")):
        (tmp_path / "torn.gguf").write_bytes(content[:size])
        with pytest.raises(TriviumError, match=reason):
            LocalModel(str(tmp_path / "torn.gguf"), "cpu")


def test_large_models_are_kept_in_half_the_bytes(both: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from model.gguf.header import read_header

    header = read_header(both[1])
    assert module.number_type(header) == "float32"
    monkeypatch.setattr(module, "HALF_FROM", header.elements)
    assert module.number_type(header) == "bfloat16"
