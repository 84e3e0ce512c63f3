"""A writer's adapter is used where it belongs to the model; else another model, or the model itself, writes."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.progress import silent
from data.schema import Domain
from finetune.self_study.writers import writer_of
from finetune.writer import RECORD, train_writer, triples


def unloaded(name: str) -> Any:
    raise AssertionError(f"{name} is not to be loaded")


@pytest.fixture
def folder(domain: Domain, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path / "cache"))
    taught = list(triples(domain, [question for question in domain.split("test") if question.answerable]))
    train_writer(tiny_model, taught, taught, 3, 0, tmp_path / "writer", silent)
    return tmp_path / "writer"


def test_triples_are_the_sentence_its_answer_and_the_question(domain: Domain) -> None:
    (found, *_) = triples(domain, [question for question in domain.split("test") if question.answerable])
    assert found == (
        "Guide to Harbour0. The flag of Harbour0 shows a otter and nothing else.", "otter",
        "Which animal is on the flag of Harbour0?",
    )  # fmt: skip


def test_its_adapter_writes_and_is_switched_off_again(tiny_model: Any, folder: Path) -> None:
    before = tiny_model.fingerprint()
    for writer in (
        writer_of(tiny_model, str(folder), folder / "no", unloaded),
        writer_of(tiny_model, "", folder, unloaded),
    ):
        assert writer.name == f"writer {json.loads((folder / RECORD).read_text())['sha256'][:12]}"
        with writer.switched_on():
            assert tiny_model.adapter
        assert not tiny_model.adapter
    assert tiny_model.fingerprint() == before


def test_without_one_the_model_itself_writes(tiny_model: Any, tmp_path: Path) -> None:
    assert writer_of(tiny_model, "", tmp_path / "none", unloaded).model is tiny_model
    assert writer_of(tiny_model, "strong", tmp_path / "none", lambda name: f"loaded {name}").model == "loaded strong"  # type: ignore[arg-type, return-value]


def test_one_of_another_model_or_a_changed_one_is_refused(tiny_model: Any, folder: Path, tmp_path: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(TriviumError, match="has changed since it was trained"):
        writer_of(tiny_model, str(folder), tmp_path / "none", unloaded)
    weights.write_bytes(content)
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_text(json.dumps(record | {"base_fingerprint": "other"}))
    with pytest.raises(TriviumError, match="belongs to another model"):
        writer_of(tiny_model, str(folder), tmp_path / "none", unloaded)
