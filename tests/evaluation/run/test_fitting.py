"""What nobody set follows from the model, once; what was set stays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from data.load import load_domain
from evaluation.cli.main import app
from evaluation.run.fitting import fitted, told
from evaluation.run.folder import RunFolder
from evaluation.run.identity import refuse_another
from evaluation.run.settings import RunSettings
from model.local import LocalModel
from model.room import Room


class Sized(LocalModel):
    """The tiny model, as if it had more weights."""

    size = 7_615_616_512

    @property
    def parameters(self) -> int:
        return self.size


@pytest.fixture
def large(tiny_model_folder: Path) -> LocalModel:
    return Sized(str(tiny_model_folder), "cpu")


def test_a_small_model_has_the_defaults_of_the_settings(tiny_model: LocalModel, tmp_path: Path) -> None:
    asked = RunSettings(domain=tmp_path)
    found = fitted(asked, tiny_model)
    assert found == asked
    assert told(asked, found, tiny_model) == []
    assert found.left_to_the_model() == []


def test_a_large_model_reads_more_and_is_trained_more_carefully(large: LocalModel, tmp_path: Path) -> None:
    asked = RunSettings(domain=tmp_path)
    found = fitted(asked, large)
    assert (found.top_k, found.chunk_tokens) == (5, 200)
    assert (found.training.learning_rate, found.training.checkpointing) == (1.9e-4, True)
    sentences = told(asked, found, large)
    assert any("5 passages of up to 200 tokens" in sentence for sentence in sentences)
    assert any("a learning rate of 0.00019, with gradient checkpointing" in sentence for sentence in sentences)
    assert fitted(found, large) == found


def test_what_was_set_stays(large: LocalModel, tmp_path: Path) -> None:
    chosen = {"top_k": 2, "chunk_tokens": 64, "inject_tokens": 10, "training": {"learning_rate": 2e-3, "epochs": 3}}
    found = fitted(RunSettings.model_validate(chosen | {"domain": tmp_path}), large)
    assert (found.top_k, found.chunk_tokens, found.inject_tokens) == (2, 64, 10)
    assert (found.training.learning_rate, found.training.epochs) == (2e-3, 3)


def test_injection_is_limited_to_what_memory_holds(
    tiny_model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Room, "tokens", lambda room, each, aside: 332)
    asked = RunSettings(domain=tmp_path)
    found = fitted(asked, tiny_model)
    assert found.inject_tokens == 332 - asked.sampling.max_new_tokens
    assert told(asked, found, tiny_model) == [
        "memory holds 300 of the 1,024 tokens of its window: inject gets no more of the documents (--inject-tokens)"
    ]
    assert fitted(RunSettings(domain=tmp_path, methods=("base", "rag")), tiny_model).inject_tokens is None


def test_two_ways_to_the_same_value_are_two_runs(tmp_path: Path) -> None:
    """Set to the default, a setting does not change with the model; left alone, it does."""
    left, chosen = RunSettings(domain=tmp_path), RunSettings(domain=tmp_path, top_k=2)
    assert left == chosen
    assert left.digest("") != chosen.digest("")


def test_a_run_keeps_what_it_began_with(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when memory allows another amount the next time; and what was left out is in findings and report."""
    monkeypatch.setattr(Room, "tokens", lambda room, each, aside: 240)
    domain, out = make_domain(facts=12), tmp_path / "run"
    command = ["run", str(domain), "--model", str(tiny_model_folder), "--methods", "base,inject", "--out", str(out),
               "--max-new-tokens", "2", "--device", "cpu"]  # fmt: skip
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    record = RunFolder(out).record()
    assert record["settings"]["inject_tokens"] == 238
    assert any("inject gets no more of the documents" in note for note in record["notes"])
    made = record["methods"]["inject"]["0"]["details"]
    assert made["left_out"]
    assert made["corpus_tokens"] <= 238
    warnings = json.loads((out / "results.json").read_text())["audit"]["warnings"]
    assert any("did not fit what memory or --inject-tokens allow" in warning for warning in warnings)
    monkeypatch.setattr(Room, "tokens", lambda room, each, aside: 10**9)
    assert "This run is finished" in CliRunner().invoke(app, command, catch_exceptions=False).output
    settings = RunSettings.model_validate({**record["settings"], "inject_tokens": 90})
    with pytest.raises(TriviumError, match="inject_tokens was 238 and is 90"):
        refuse_another(RunFolder(out), load_domain(domain), settings)


def test_an_answer_that_is_asked_for_again_has_the_same_prompt(large: LocalModel, tmp_path: Path) -> None:
    """A record read back has nothing left to the model."""
    found = fitted(RunSettings(domain=tmp_path), large)
    again: Any = RunSettings.model_validate(json.loads(found.model_dump_json()))
    assert again == found
    assert again.left_to_the_model() == []
