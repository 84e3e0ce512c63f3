"""A trained reader is added to the weights as peft would add it, and belongs to one model."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from data.errors import TriviumError
from model.base import BaseModel
from model.reader import ADAPTER, Reader
from model.sampling import Sampling
from model.weights import resolve_model


@pytest.fixture
def reader_folder(tiny_reader_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(tiny_reader_folder, tmp_path / "reader"))


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of peft's own wrapper
def test_the_sum_is_that_of_peft(reader_folder: Path, tiny_model_folder: Path) -> None:
    ours = BaseModel(str(reader_folder), device="cpu")
    theirs = PeftModel.from_pretrained(BaseModel(str(tiny_model_folder), device="cpu").network, str(reader_folder))
    merged = dict(theirs.merge_and_unload().named_parameters())
    changed = 0
    plain = dict(BaseModel(str(tiny_model_folder), device="cpu").network.named_parameters())
    for name, weight in ours.network.named_parameters():
        torch.testing.assert_close(weight, merged[name], atol=1e-6, rtol=1e-5)
        changed += not torch.equal(weight, plain[name])
    assert changed == 2 * 7, "seven products in each of two layers"


def test_a_model_with_a_reader_knows_its_plain_one(reader_folder: Path, tiny_model_folder: Path) -> None:
    model, plain = BaseModel(str(reader_folder), device="cpu"), BaseModel(str(tiny_model_folder), device="cpu")
    assert (model.plain_name, plain.plain_name) == (str(tiny_model_folder), "")
    assert model.fingerprint() != plain.fingerprint()
    assert BaseModel(str(reader_folder), device="cpu").fingerprint() == model.fingerprint()
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
