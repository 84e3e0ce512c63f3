"""A file is found by the name that its own program gives it."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from model.gguf.places import gguf_of, ollama_names

SHA = "ab" * 32


@pytest.fixture
def ollama(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    models = tmp_path / "models"
    (models / "blobs").mkdir(parents=True)
    (models / "blobs" / f"sha256-{SHA}").write_bytes(b"GGUF")
    monkeypatch.setenv("OLLAMA_MODELS", str(models))
    monkeypatch.setenv("LLAMA_CACHE", str(tmp_path / "llama.cpp"))
    return models


def _manifest(models: Path, place: str, *layers: tuple[str, str]) -> None:
    path = models / "manifests" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = [
        {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{sha}", "size": 4}
        for kind, sha in layers
    ]
    path.write_text(json.dumps({"schemaVersion": 2, "layers": entries}))


def test_names_of_ollama_find_its_blobs(ollama: Path) -> None:
    for place in ("registry.ollama.ai/library/llama3.1/8b", "registry.ollama.ai/library/llama3.1/latest",
                  "registry.ollama.ai/me/mine/v1", "hf.co/bartowski/Qwen-GGUF/Q4_K_M"):  # fmt: skip
        _manifest(ollama, place, ("template", "cd" * 32), ("model", SHA))
    blob = ollama / "blobs" / f"sha256-{SHA}"
    for name in ("ollama:llama3.1:8b", "llama3.1:8b", "ollama:llama3.1", "llama3.1", "me/mine:v1",
                 "hf.co/bartowski/Qwen-GGUF:Q4_K_M", "ollama:me/mine:v1"):  # fmt: skip
        found = gguf_of(name)
        assert found, name
        assert (found.path, found.sha256) == (blob, SHA)
    names = ["hf.co/bartowski/Qwen-GGUF:Q4_K_M", "llama3.1:8b", "llama3.1:latest", "me/mine:v1"]
    assert ollama_names() == names
    with pytest.raises(TriviumError, match=r"does not have it here; it has hf.co.*`ollama pull mistral`"):
        gguf_of("ollama:mistral")
    assert gguf_of("mistral") is gguf_of("Qwen/Qwen2.5-0.5B-Instruct") is None


def test_a_pull_that_is_not_whole_is_one_sentence(ollama: Path) -> None:
    place = "registry.ollama.ai/library/m/latest"
    for layers, reason in (
        ((("model", "ef" * 32),), "weights of m are gone"),
        ((("template", SHA),), "no weights in GGUF"),
        ((("model", "../../etc/passwd"),), "no weights in GGUF"),
        ((("model", SHA), ("adapter", SHA)), "an adapter of its own on top"),
    ):
        _manifest(ollama, place, *layers)
        with pytest.raises(TriviumError, match=reason):
            gguf_of("m")
    (ollama / "manifests" / place).write_text("{")
    with pytest.raises(TriviumError, match="cannot be read"):
        gguf_of("m")


def test_names_of_llama_cpp_find_its_downloads(ollama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, hub = tmp_path / "llama.cpp", tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub))
    small, large = (folder / f"ggml-org_gemma-GGUF_gemma-{kind}.gguf" for kind in ("Q4_K_M", "Q8_0"))
    for path in (small, large, folder / "ggml-org_gemma-GGUF_mmproj-Q8_0.gguf"):
        path.write_bytes(b"GGUF")
    assert _path("ggml-org/gemma-GGUF:Q8_0") == large
    assert _path("ggml-org/gemma-GGUF:q4_k_m") == _path("ggml-org_gemma-GGUF_gemma-Q4_K_M") == small
    with pytest.raises(TriviumError, match=r"keeps 2 files of it.*Q4_K_M\.gguf, .*Q8_0\.gguf"):
        gguf_of("ggml-org/gemma-GGUF")
    kept = hub / "models--me--new-GGUF" / "snapshots" / "1a2b"
    kept.mkdir(parents=True)
    (kept / "new-Q8_0.gguf").write_bytes(b"GGUF")
    assert _path("me/new-GGUF:Q8_0") == _path("me/new-GGUF") == kept / "new-Q8_0.gguf"
    (kept / "model.safetensors").write_bytes(b"")
    assert gguf_of("me/new-GGUF") is None


def _path(name: str) -> Path | None:
    found = gguf_of(name)
    return found.path if found else None


def test_a_folder_is_its_one_file(tmp_path: Path) -> None:
    assert gguf_of(str(tmp_path)) is None
    (tmp_path / "qwen-q4.gguf").write_bytes(b"GGUF")
    (tmp_path / "mmproj-qwen.gguf").write_bytes(b"GGUF")
    assert _path(str(tmp_path)) == tmp_path / "qwen-q4.gguf"
    (tmp_path / "qwen-q8.gguf").write_bytes(b"GGUF")
    with pytest.raises(TriviumError, match=r"2 GGUF files lie there; name one of them: qwen-q4.gguf, qwen-q8.gguf"):
        gguf_of(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert gguf_of(str(tmp_path)) is None


def test_parts_and_missing_files_are_one_sentence(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"m-0000{number}-of-00002.gguf").write_bytes(b"GGUF")
    joined = "llama-gguf-split --merge m-00001-of-00002.gguf whole.gguf"
    for name in (tmp_path, tmp_path / "m-00002-of-00002.gguf"):
        with pytest.raises(TriviumError, match=f"one of 2 parts. Join them first: {joined}"):
            gguf_of(str(name))
    with pytest.raises(TriviumError, match="there is no such file"):
        gguf_of(str(tmp_path / "gone.gguf"))
