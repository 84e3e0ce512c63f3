"""Weights in 4 and 8 bits answer, train, and have a fingerprint like others; only their memory is another."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import cosine_similarity

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from finetune.adapter import switched_on
from finetune.examples import training_examples
from finetune.obtain import obtain_adapter
from finetune.settings import TrainingSettings
from model import quantised
from model.language_model import Prompt
from model.local import LocalModel
from model.quantised import BYTES, scales
from model.sampling import Sampling
from rag.chunk import chunk

PROMPTS = [Prompt(("<|system|>", "Answer.", "<|end|><|user|>", text, "<|end|><|assistant|>"))
           for text in ("Which flag?", "Which animal is on the flag of Harbour?")]  # fmt: skip


@pytest.fixture(params=["4bit", "8bit"])
def rounded(request: pytest.FixtureRequest, tiny_model_folder: Path) -> LocalModel:
    return LocalModel(str(tiny_model_folder), "cpu", load_in=request.param)


def _answers(model: LocalModel) -> list[str]:
    prefix = model.prefix_of(PROMPTS)
    (batch,) = model.generate(PROMPTS, Sampling(max_new_tokens=6, stop=()), prefix)
    return [answer.text for _, answer in sorted(batch, key=lambda pair: pair[0])]


def test_it_is_the_same_model_but_for_rounding(rounded: LocalModel, tiny_model: LocalModel) -> None:
    assert rounded.parameters == tiny_model.parameters
    assert rounded.shapes() == tiny_model.shapes()
    assert rounded.shares_prefixes
    a, b = (model.answer_logits(PROMPTS[1], [5, 6]) for model in (rounded, tiny_model))
    assert not torch.equal(a, b)
    assert cosine_similarity(a.flatten(), b.flatten(), dim=0) > 0.5


def test_answering_changes_no_weight(rounded: LocalModel) -> None:
    """The library packs weights anew in the first pass, where a processor has instructions for it."""
    before = rounded.fingerprint()
    answers = _answers(rounded)
    assert rounded.fingerprint() == before
    rounded.forget_prefixes()
    assert _answers(rounded) == answers


def test_the_fingerprint_sees_weights_and_scales(tiny_model_folder: Path, rounded: LocalModel) -> None:
    kind = "4bit" if any(name.endswith("absmax") for name, _ in scales(rounded.network)) else "8bit"
    same = LocalModel(str(tiny_model_folder), "cpu", load_in=kind)
    assert same.fingerprint() == rounded.fingerprint() != LocalModel(str(tiny_model_folder), "cpu").fingerprint()
    for name, tensor in scales(rounded.network):
        before = rounded.fingerprint()
        changed = tensor.flatten()[:1].clone()
        tensor.flatten()[:1] = changed + 1
        if tensor.numel():
            assert rounded.fingerprint() != before, name


def test_an_adapter_is_trained_beside_them_and_answers(rounded: LocalModel, domain: Domain, tmp_path: Path) -> None:
    _, examples = training_examples(domain, domain.split("train"), rounded, 0, chunk)
    settings = TrainingSettings(rank=4, epochs=20, learning_rate=1e-2, batch_size=4)
    fingerprint, before = rounded.fingerprint(), _answers(rounded)
    trained = obtain_adapter(rounded, examples, settings, silent, tmp_path / "kept")
    assert trained.training["curve"][-1]["loss"] < 0.5 * trained.training["curve"][0]["loss"]
    assert _answers(rounded) == before
    with switched_on(rounded, trained):
        assert {p.dtype for n, p in rounded.network.named_parameters() if trained.name in n} == {torch.float32}
        assert _answers(rounded) != before
    assert _answers(rounded) == before
    assert rounded.fingerprint() == fingerprint


def test_gradients_are_those_of_the_rounded_weights(rounded: LocalModel, tiny_model_folder: Path) -> None:
    """Against a plain network that has the rounded weights as numbers."""
    import bitsandbytes.functional as bnb

    plain = LocalModel(str(tiny_model_folder), "cpu")
    for name, module in rounded.network.named_modules():
        weight = getattr(module, "weight", None)
        if getattr(weight, "quant_state", None) is not None:
            values = bnb.dequantize_4bit(weight.data, weight.quant_state)
        elif type(module).__name__ == "Linear8bitLt":
            values = weight.data.float() * module.state.SCB[:, None] / 127
        else:
            continue
        plain.network.get_submodule(name).weight.data = values.float()
    ids = torch.tensor([[7, 8, 9, 10, 11]])
    embedded = plain.network.get_input_embeddings()(ids).detach()
    found = []
    for network in (plain.network, rounded.network):
        inputs = embedded.clone().requires_grad_(True)
        loss = network(inputs_embeds=inputs, labels=ids).loss
        loss.backward()
        found.append((loss.item(), inputs.grad))
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-4)
    torch.testing.assert_close(found[1][1], found[0][1], atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize("kind", ["4bit", "8bit"])
def test_damage_is_still_found(tiny_model_folder: Path, tmp_path: Path, kind: str) -> None:
    import shutil

    name = "model.layers.1.mlp.up_proj.weight"
    for number, (change, reason) in enumerate((
        (lambda t: t.pop(name), "1 weights are missing"),
        (lambda t: t[name].__setitem__((3, 3), float("nan")), "not numbers in"),
    )):  # fmt: skip
        folder = Path(shutil.copytree(tiny_model_folder, tmp_path / str(number)))
        tensors = {key: tensor.clone() for key, tensor in load_file(folder / "model.safetensors").items()}
        change(tensors)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        with pytest.raises(TriviumError, match=reason):
            LocalModel(str(folder), "cpu", load_in=kind)


def test_bytes_of_a_weight_are_those_of_the_library(tmp_path: Path) -> None:
    import bitsandbytes as bnb

    layer = bnb.nn.Linear4bit(1024, 1024, bias=False, quant_type="nf4", compress_statistics=True).to("cpu")
    stored: list[Any] = [layer.weight, *(tensor for name, tensor in scales(layer) if "code" not in name)]
    assert sum(tensor.nbytes for tensor in stored) == pytest.approx(BYTES["4bit"] * 1024**2, rel=0.01)


def test_what_cannot_be_is_one_sentence(
    tiny_model_folder: Path, tiny_reader_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("model.weights.base_of_reader", lambda folder, digest: str(tiny_model_folder))
        with pytest.raises(TriviumError, match="has a reader, which is added to whole weights"):
            LocalModel(str(tiny_reader_folder), "cpu", load_in="4bit")
    with pytest.raises(TriviumError, match="computes on cpu and cuda"):
        quantised.loading_options("4bit", "mps", torch.bfloat16)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(TriviumError, match=r"pip install \"trivium\[quantised\]\""):
        quantised.loading_options("8bit", "cpu", torch.float32)
