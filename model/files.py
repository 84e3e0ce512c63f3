"""Digests of a model's files: they tell, without loading it, whether it is still the one that a run was made with."""

import hashlib
import json
from pathlib import Path
from typing import Any

from data.cache_entry import sha256_of
from data.errors import TriviumError
from data.files import read_text
from model.digests import digest_of
from model.gguf.places import gguf_of
from model.weights import EMBEDDED, READER_FOLDER, READER_MODEL, READER_SHA256

_OWN = {  # parts of a model, by the files that transformers reads
    "weights": ("*.safetensors", "*.safetensors.index.json"),
    "configuration": ("config.json", "generation_config.json"),
    "tokenizer": ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.*",
                  "merges.txt", "*.model"),
    "template": ("chat_template.*", "additional_chat_templates/*"),
    "reader": ("adapter_config.json", "reader.json"),
}  # fmt: skip
_OF_AN_EMBEDDER = {"modules": ("modules.json", "*sentence*.json", "*_*/*.json", "*_*/*.safetensors", "*_*/*.txt")}
_PASSED_OVER = ("transformers_version", "_name_or_path", "__version__")  # written anew by each save


def file_digests(name: str) -> dict[str, str]:
    """SHA-256 of each part of a model or an embedder (weights, configuration, tokenizer, template, reader …).

    Empty where nothing lies on this machine, so that nothing can be compared.
    """
    if name == READER_MODEL:
        return _of_one_model(_base_of(READER_FOLDER)) | {"reader": READER_SHA256}
    folder = _folder_of(name)
    if folder and (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        reader = _digest(folder, (*_OWN["reader"], "*.safetensors"))
        return _of_one_model(_base_of(folder)) | {"reader": reader}
    return _of_one_model(name)


def _of_one_model(name: str) -> dict[str, str]:
    if name in EMBEDDED:
        return {"weights": EMBEDDED[name].sha256}
    if stored := gguf_of(name):
        return {"weights": digest_of(stored.path)}  # tokenizer and template lie in the same file
    folder = _folder_of(name)
    if folder is None:
        return {}
    parts = _OWN | (_OF_AN_EMBEDDER if (folder / "modules.json").is_file() else {})
    found = {part: _digest(folder, patterns) for part, patterns in parts.items()}
    if template := _read(folder / "tokenizer_config.json").get("chat_template"):
        found["template"] += hashlib.sha256(json.dumps(template).encode()).hexdigest()
    return {part: digest for part, digest in found.items() if digest}


def scripted_digests(name: str) -> dict[str, str]:
    """The same for a file of scripted answers."""
    path = Path(name)
    return {"answers": sha256_of(path)} if path.is_file() else {}


def _folder_of(name: str) -> Path | None:
    """A local folder, or the snapshot of a hub id that was loaded before."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        return None
    from huggingface_hub import try_to_load_from_cache

    kept = (try_to_load_from_cache(name, file) for file in ("config.json", "adapter_config.json"))
    return next((Path(path).parent for path in kept if isinstance(path, str)), None)


def _base_of(folder: Path) -> str:
    return str(_read(folder / "adapter_config.json").get("base_model_name_or_path", ""))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path))
    except (TriviumError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _digest(folder: Path, patterns: tuple[str, ...]) -> str:
    """One digest over all files that match; empty where none does."""
    files = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(folder)} {_meaning(path)}\n".encode())
    return total.hexdigest() if files else ""


def _meaning(path: Path) -> str:
    """Digest of a file; of a configuration as what it says, however it is laid out."""
    if path.name.endswith("config.json") and (content := _read(path)):
        passed_over = (*_PASSED_OVER, "chat_template")  # a part of its own
        told = {key: value for key, value in content.items() if key not in passed_over}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return digest_of(path)
