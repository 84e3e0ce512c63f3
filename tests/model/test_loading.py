"""Only a whole and healthy model answers; what is wrong with another is one sentence."""

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from data.errors import TriviumError
from model.loading import check_finite
from model.local import LocalModel

WEIGHT = "model.layers.1.mlp.up_proj.weight"
Tensors = dict[str, torch.Tensor]


@pytest.fixture
def folder(tiny_model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))


def _change(folder: Path, change: Callable[[Tensors], Any]) -> None:
    file = folder / "model.safetensors"
    tensors = {name: tensor.clone() for name, tensor in load_file(file).items()}
    change(tensors)
    save_file(tensors, file, {"format": "pt"})


def _config(folder: Path, **values: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.pop(WEIGHT), f"1 weights are missing: {WEIGHT}"),
        (lambda t: t.update({WEIGHT: torch.zeros(64, 16)}), "shape|size"),
        (lambda t: t.update({"model.layers.7.extra": torch.zeros(3)}), "not in the architecture.*model.layers.7.extra"),
        (lambda t: t[WEIGHT].__setitem__((3, 3), float("nan")), f"not numbers in {WEIGHT}"),
        (lambda t: t[WEIGHT].__setitem__((3, 3), float("-inf")), f"not numbers in {WEIGHT}"),
        (lambda t: t.update({WEIGHT: (t[WEIGHT] * 100).to(torch.int8)}), "whole numbers without the scales"),
    ],
)
def test_weights_that_are_not_whole_are_named(folder: Path, change: Any, reason: str) -> None:
    _change(folder, change)
    with pytest.raises(TriviumError, match=reason):
        LocalModel(str(folder), device="cpu")


def test_large_finite_weights_are_numbers() -> None:
    check_finite("m", iter([("w", torch.full((10,), 3e38))]))


def test_another_architecture_in_the_config_is_refused(folder: Path) -> None:
    _config(folder, model_type="bert", architectures=["BertModel"])
    with pytest.raises(TriviumError):
        LocalModel(str(folder), device="cpu")


@pytest.mark.parametrize(
    "values", [{"max_position_embeddings": "many"}, {"hidden_size": -1}, {"model_type": "no-such-type"}]
)
def test_a_config_that_means_nothing_is_one_sentence(folder: Path, values: dict[str, Any]) -> None:
    _config(folder, **values)
    with pytest.raises(TriviumError, match="cannot be loaded"):
        LocalModel(str(folder), device="cpu")


def test_a_torn_file_is_one_sentence(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes((2**40).to_bytes(8, "little") + file.read_bytes()[8:])
    with pytest.raises(TriviumError, match="not a safetensors file"):
        LocalModel(str(folder), device="cpu")


def test_an_adapter_in_a_model_folder_is_refused(folder: Path, tiny_reader_folder: Path) -> None:
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copy(tiny_reader_folder / name, folder / name)
    with pytest.raises(TriviumError, match="adapter"):
        LocalModel(str(folder), device="cpu")


def test_code_of_a_model_folder_is_never_run(folder: Path, tmp_path: Path) -> None:
    file, ran = folder / "tokenizer_config.json", tmp_path / "ran"
    auto = {"auto_map": {"AutoTokenizer": ["own.Own", "own.Own"]}, "tokenizer_class": "Own"}
    file.write_text(json.dumps(json.loads(file.read_text()) | auto))
    (folder / "own.py").write_text(
        f"open({str(ran)!r}, 'w')\nfrom transformers import PreTrainedTokenizerFast as Own\n"
    )
    with contextlib.suppress(TriviumError):
        LocalModel(str(folder), device="cpu")
    assert not ran.exists()


def test_a_model_without_an_end_answers_and_cannot_be_trained(folder: Path) -> None:
    _config(folder, eos_token_id=None, pad_token_id=None)
    for name, keys in (("generation_config.json", ("eos_token_id", "pad_token_id")),
                       ("tokenizer_config.json", ("eos_token", "pad_token"))):  # fmt: skip
        values = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({key: value for key, value in values.items() if key not in keys}))
    model = LocalModel(str(folder), device="cpu")
    with pytest.raises(TriviumError, match="no token that ends an answer"):
        model.end_token()


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("adapter_config.json", "[1]", "a JSON object is expected"),
        ("adapter_config.json", "{", "cannot be read"),
        ("adapter_config.json", '{"peft_type": "LORA"}', "does not say for which model"),
        ("reader.json", '{"refuse_above": "often"}', "not a probability"),
    ],
)
def test_an_adapter_that_says_nothing_useful_is_one_sentence(
    tiny_reader_folder: Path, tmp_path: Path, file: str, text: str, reason: str
) -> None:
    folder = Path(shutil.copytree(tiny_reader_folder, tmp_path / "reader"))
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(TriviumError, match=reason):
        LocalModel(str(folder), device="cpu")


def test_an_adapter_of_itself_is_one_sentence(tiny_reader_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_reader_folder, tmp_path / "reader"))
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"base_model_name_or_path": str(folder)}))
    with pytest.raises(TriviumError, match="on top of another"):
        LocalModel(str(folder), device="cpu")


def test_an_end_that_is_no_token_is_one_sentence(folder: Path) -> None:
    file = folder / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"eos_token_id": [[0]]}))
    with pytest.raises(TriviumError, match="eos_token_id"):
        LocalModel(str(folder), device="cpu")


def test_tokens_without_a_place_in_the_weights_are_named(folder: Path) -> None:
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text())
    added = content["added_tokens"][-1] | {"id": max(content["model"]["vocab"].values()) + 1, "content": "Which animal"}
    file.write_text(json.dumps(content | {"added_tokens": [*content["added_tokens"], added]}))
    with pytest.raises(TriviumError, match="no place for 1 of its tokens: Which animal"):
        LocalModel(str(folder), device="cpu")
