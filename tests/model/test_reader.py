"""A trained reader is added to the weights as peft would add it, and belongs to one model."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

from data.errors import TriviumError
from model.local import LocalModel
from model.reader import ADAPTER, Reader
from model.sampling import Sampling
from model.weights import resolve_model


@pytest.fixture
def reader_folder(tiny_reader_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(tiny_reader_folder, tmp_path / "reader"))


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of peft's own wrapper
def test_the_sum_is_that_of_peft(reader_folder: Path, tiny_model_folder: Path) -> None:
    ours = LocalModel(str(reader_folder), device="cpu")
    theirs = PeftModel.from_pretrained(LocalModel(str(tiny_model_folder), device="cpu").network, str(reader_folder))
    merged = dict(theirs.merge_and_unload().named_parameters())
    changed = 0
    plain = dict(LocalModel(str(tiny_model_folder), device="cpu").network.named_parameters())
    for name, weight in ours.network.named_parameters():
        torch.testing.assert_close(weight, merged[name], atol=1e-6, rtol=1e-5)
        changed += not torch.equal(weight, plain[name])
    assert changed == 2 * 7, "seven products in each of two layers"


def test_a_model_with_a_reader_knows_its_plain_one(reader_folder: Path, tiny_model_folder: Path) -> None:
    model, plain = LocalModel(str(reader_folder), device="cpu"), LocalModel(str(tiny_model_folder), device="cpu")
    assert (model.plain_name, plain.plain_name) == (str(tiny_model_folder), "")
    assert model.fingerprint() != plain.fingerprint()
    assert LocalModel(str(reader_folder), device="cpu").fingerprint() == model.fingerprint()
    said = [next(iter(m.generate(["Which animal?"], Sampling())))[0][1].text for m in (model, plain)]
    assert said[0] != said[1]


def test_a_changed_reader_is_refused(reader_folder: Path) -> None:
    (reader_folder / "reader.json").write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(TriviumError, match="has changed"):
        resolve_model(str(reader_folder))


def test_an_adapter_that_is_no_plain_lora_is_refused(reader_folder: Path) -> None:
    path = reader_folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"use_dora": True}))
    with pytest.raises(TriviumError, match="plain LoRA"):
        Reader(reader_folder)


def test_a_reader_for_another_network_is_refused(reader_folder: Path) -> None:
    with pytest.raises(TriviumError, match="does not fit"):
        Reader(reader_folder).add_to(torch.nn.Linear(2, 2))


def test_an_adapter_without_a_model_is_refused(reader_folder: Path) -> None:
    path = reader_folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": None}))
    assert (reader_folder / ADAPTER).exists()
    with pytest.raises(TriviumError, match="for which model"):
        resolve_model(str(reader_folder))


PART = "base_model.model.model.layers.1.mlp.up_proj"
DOWN, UP = f"{PART}.lora_A.weight", f"{PART}.lora_B.weight"
Tensors = dict[str, torch.Tensor]


def _with(value: float) -> Callable[[Tensors], Tensors]:
    return lambda tensors: tensors | {UP: tensors[UP].index_fill(0, torch.tensor([3]), value)}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda t: {k.replace(".weight", ".default.weight"): v for k, v in t.items()}, "default"),
        (lambda t: {k: v for k, v in t.items() if k != DOWN}, "up_proj.lora_A.weight' is missing"),
        (lambda t: {k: v for k, v in t.items() if k != UP}, "up_proj.lora_B.weight' is missing"),
        (lambda t: {k: v for k, v in t.items() if not k.startswith(PART)}, "layers.1.mlp.up_proj' is adapted, but"),
        (lambda t: t | {UP: t[UP][:1]}, "does not fit"),
        (lambda t: t | {DOWN: t[DOWN][:2], UP: t[UP][:, :2]}, "rank 4"),
        (lambda t: t | {DOWN: t[DOWN][0]}, "rank 4"),
        (lambda t: t | {UP: t[UP].T}, "rank 4"),
        (lambda t: t | {UP: t[UP].to(torch.int8)}, "not numbers with a point"),
        (_with(float("nan")), "not finite"),
        (_with(float("inf")), "not finite"),
        (lambda t: t | {"base_model.model.model.embed_tokens.lora_embedding_A": torch.ones(4, 9)}, "lora_embedding_A"),
        (lambda t: t | {f"{PART}.lora_magnitude_vector.weight": torch.ones(9)}, "lora_magnitude_vector"),
        (lambda t: t | {"base_model.model.model.norm.weight": torch.ones(9)}, "norm.weight"),
        (lambda t: t | {f"{PART}.bias": torch.ones(9)}, "bias"),
        (lambda t: {}, "no weights"),
    ],
)
def test_an_adapter_is_added_whole_or_refused(
    reader_folder: Path, change: Callable[[Tensors], Tensors], named: str
) -> None:
    tensors = change(load_file(reader_folder / ADAPTER))
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, reader_folder / ADAPTER)
    with pytest.raises(TriviumError, match=named):
        LocalModel(str(reader_folder), device="cpu")


@pytest.mark.parametrize("option", ["use_rslora", "use_dora", "modules_to_save", "trainable_token_indices"])
def test_another_sum_than_that_of_lora_is_refused(reader_folder: Path, option: str) -> None:
    path = reader_folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {option: ["lm_head"]}))
    with pytest.raises(TriviumError, match="plain LoRA"):
        Reader(reader_folder)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "the file"),
        ("[]", "the file"),
        ('{"peft_type": "LORA", "lora_alpha": 8}', "r: "),
        ('{"peft_type": "LORA", "r": 0, "lora_alpha": 8}', "r: "),
        ('{"peft_type": "LORA", "r": 4, "lora_alpha": NaN}', ""),
    ],
)
def test_settings_that_are_none_are_refused(reader_folder: Path, text: str, named: str) -> None:
    (reader_folder / "adapter_config.json").write_text(text)
    with pytest.raises(TriviumError, match=f"no settings of an adapter .{named}"):
        Reader(reader_folder)


def test_a_part_for_a_weight_that_embeddings_share_is_refused(reader_folder: Path, tiny_model_folder: Path) -> None:
    network = LocalModel(str(tiny_model_folder), device="cpu").network
    network.lm_head.weight = network.get_input_embeddings().weight
    size, rows = network.lm_head.weight.shape[1], network.lm_head.weight.shape[0]
    tensors = load_file(reader_folder / ADAPTER)
    tensors |= {"base_model.model.lm_head.lora_A.weight": torch.ones(4, size)}
    tensors |= {"base_model.model.lm_head.lora_B.weight": torch.ones(rows, 4)}
    save_file(tensors, reader_folder / ADAPTER)
    with pytest.raises(TriviumError, match="shares its weight"):
        Reader(reader_folder).add_to(network)


def test_a_file_that_is_no_file_of_weights_is_refused(reader_folder: Path) -> None:
    (reader_folder / ADAPTER).write_bytes(b"weights")
    with pytest.raises(TriviumError, match="cannot be read"):
        LocalModel(str(reader_folder), device="cpu")
