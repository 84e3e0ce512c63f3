"""A model's name becomes a folder, or a sentence that says what is wrong with it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from model import weights
from model.weights import (
    DEFAULT_EMBEDDER,
    DEFAULT_MODEL,
    EMBEDDED,
    PLAIN_MODEL,
    READER_FOLDER,
    READER_MODEL,
    READER_SHA256,
    embedded_file,
    resolve_model,
    sha256_of,
)


def test_embedded_files_have_their_digests() -> None:
    for name in (PLAIN_MODEL, DEFAULT_EMBEDDER):
        assert sha256_of(embedded_file(name)) == EMBEDDED[name].sha256
    reader = READER_FOLDER / "adapter_model.safetensors"
    assert sha256_of(reader) == READER_SHA256
    assert reader.stat().st_size <= 12 * 10**6


@pytest.mark.slow  # converts the embedded weights the first time
def test_the_default_is_the_plain_model_with_the_reader() -> None:
    source, plain = resolve_model(READER_MODEL), resolve_model(PLAIN_MODEL)
    assert (source.weights, source.plain_name) == (plain.weights, PLAIN_MODEL)
    assert source.reader == READER_FOLDER
    assert plain.reader is None


def test_a_reader_that_was_exchanged_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "READER_SHA256", "0" * 64)
    with pytest.raises(TriviumError, match="not the one that was tested"):
        resolve_model(READER_MODEL)


def test_wrong_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "sha256_of", lambda path: "0" * 64)
    with pytest.raises(TriviumError, match="do not have the expected SHA-256"):
        embedded_file(DEFAULT_EMBEDDER)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EMBEDDED, "gone", weights.EmbeddedWeights("no_such_package", "x", "0"))
    with pytest.raises(TriviumError, match="no-such-package"):
        embedded_file("gone")


@pytest.mark.parametrize("name", ["smollm", "./nowhere", "/nowhere/at/all", "a/b/c"])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(TriviumError, match=DEFAULT_MODEL):
        resolve_model(name)


def test_a_hub_id_is_left_to_the_hub() -> None:
    assert resolve_model("Qwen/Qwen2.5-0.5B-Instruct").weights == "Qwen/Qwen2.5-0.5B-Instruct"


def test_a_folder_needs_safetensors(tiny_model_folder: Path, tmp_path: Path) -> None:
    assert resolve_model(str(tiny_model_folder)).weights == str(tiny_model_folder)
    shutil.copy(tiny_model_folder / "config.json", tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(TriviumError, match="pickled weights are never loaded"):
        resolve_model(str(tmp_path))


def test_converted_weights_that_were_damaged_are_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []

    def convert(source: Path, target: Path, progress: Any, cut_as_told: bool) -> None:
        assert not cut_as_told  # all figures of the embedded model were measured with GPT-2's cutting
        made.append(source.name)
        (target / "model.safetensors").write_bytes(b"weights")
        (target / "config.json").write_text("{}")

    monkeypatch.setattr(weights, "convert", convert)
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path))
    folder = Path(resolve_model(PLAIN_MODEL).weights)
    assert resolve_model(PLAIN_MODEL).weights == str(folder)
    assert len(made) == 1
    (folder / "config.json").write_text("{ }")
    resolve_model(PLAIN_MODEL)
    assert len(made) == 2
    assert (folder / "config.json").read_text() == "{}"
    assert "was damaged" in capsys.readouterr().err


def test_converted_weights_of_an_earlier_version_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They have a digest of their weights alone."""
    monkeypatch.setattr(weights, "convert", lambda source, target, progress: pytest.fail("made again"))
    monkeypatch.setenv("TRIVIUM_CACHE", str(tmp_path))
    folder = tmp_path / "models" / f"{PLAIN_MODEL}-{weights.EMBEDDED[PLAIN_MODEL].sha256[:12]}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "DIGEST").write_text(weights.sha256_of(folder / "model.safetensors"))
    assert resolve_model(PLAIN_MODEL).weights == str(folder)


def test_a_model_and_an_adapter_in_one_folder_are_refused(tmp_path: Path) -> None:
    """transformers would add the adapter without a word."""
    for name in ("config.json", "adapter_config.json", "model.safetensors", "adapter_model.safetensors"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(TriviumError, match="a model and an adapter lie there together"):
        resolve_model(str(tmp_path))
