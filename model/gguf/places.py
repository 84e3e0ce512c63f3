"""Where the GGUF file of a name lies: a path, a folder, what Ollama pulled, or what llama.cpp downloaded."""

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.files import read_text

OLLAMA = "ollama:"  # in front of a name that is Ollama's and nothing else
_WEIGHTS, _ADAPTER = "application/vnd.ollama.image.model", "application/vnd.ollama.image.adapter"
_REGISTRY, _LIBRARY, _TAG = "registry.ollama.ai", "library", "latest"  # what a short name leaves out
_NAME = re.compile(r"(?:(?:(?P<host>[\w.-]+)/)?(?P<user>[\w.-]+)/)?(?P<model>[\w.-]+)(?::(?P<tag>[\w.-]+))?")
_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$", re.IGNORECASE)
_PICTURES = "mmproj"  # llama.cpp's name for what reads pictures; it lies beside the model


@dataclass(frozen=True)
class Found:
    """A GGUF file, and the SHA-256 that it must have, where somebody wrote it down."""

    path: Path
    sha256: str = ""


def gguf_of(name: str) -> Found | None:
    """The file that a name means; None where the name is of another kind.

    Raises:
        TriviumError: there are several, it is one part of several, or Ollama does not have it.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return _in_folder(path)
    if path.suffix.lower() == ".gguf":
        return Found(_whole(path))
    if name.startswith(OLLAMA):
        return _from_ollama(name.removeprefix(OLLAMA)) or _unknown_to_ollama(name)
    if ":" in name or "/" not in name:
        return _from_ollama(name) or _from_llama_cpp(name)
    return _from_llama_cpp(name) if name.count("/") == 1 and not name.startswith((".", "~")) else None


def _in_folder(folder: Path) -> Found | None:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".gguf" and path.is_file())
    if not files or any(folder.glob("*.safetensors")):
        return None
    models = [path for path in files if _PICTURES not in path.name.lower()] or files
    if len(models) > 1 and not all(_PART.search(path.name) for path in models):
        raise TriviumError(f"{folder}: {len(models)} GGUF files lie there; name one of them: {_listed(models)}.")
    return Found(_whole(models[0]))


def _listed(paths: list[Path], most: int = 8) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(path.name for path in paths[:most]) + more


def _whole(path: Path) -> Path:
    if not path.is_file():
        raise TriviumError(f"{path}: there is no such file.")
    if found := _PART.search(path.name):
        if int(found[1]) == 1:
            return path
        first = f"{path.name[: found.start()]}-00001-of-{found[1]}.gguf"
        raise TriviumError(
            f"{path}: one of {int(found[1])} parts. Join them first: llama-gguf-split --merge {first} whole.gguf"
        )
    return path


def _ollama_folders() -> list[Path]:
    """$OLLAMA_MODELS, else the user's and that of the service on Linux."""
    if chosen := os.environ.get("OLLAMA_MODELS"):
        return [Path(chosen).expanduser()]
    return [Path.home() / ".ollama" / "models", Path("/usr/share/ollama/.ollama/models")]


def _from_ollama(name: str) -> Found | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    host, user = match["host"] or _REGISTRY, match["user"] or _LIBRARY
    for models in _ollama_folders():
        manifest = models / "manifests" / host / user / match["model"] / (match["tag"] or _TAG)
        if manifest.is_file():
            return _of_manifest(name, manifest, models / "blobs")
    return None


def _of_manifest(name: str, manifest: Path, blobs: Path) -> Found:
    layers = _read(manifest).get("layers")
    kinds = {
        str(layer.get("mediaType")): str(layer.get("digest"))
        for layer in (layers if isinstance(layers, list) else ())
        if isinstance(layer, dict)
    }
    digest = _DIGEST.fullmatch(kinds.get(_WEIGHTS, ""))
    if digest is None:
        raise TriviumError(f"{manifest}: no weights in GGUF are named there. `ollama pull {name}` writes it again.")
    if _ADAPTER in kinds:
        raise TriviumError(
            f"{manifest}: {name} is a model with an adapter of its own on top, which is not read. Name the model below."
        )
    path = blobs / f"sha256-{digest[1]}"
    if not path.is_file():
        raise TriviumError(f"{path}: the weights of {name} are gone. `ollama pull {name}` brings them again.")
    return Found(path, digest[1])


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_text(path))
    except (TriviumError, OSError, ValueError, RecursionError) as error:
        raise TriviumError(f"{path}: cannot be read ({error}).") from error
    return found if isinstance(found, dict) else {}


def ollama_names() -> list[str]:
    """What Ollama has here, as it prints it."""
    found = set()
    for models in _ollama_folders():
        for manifest in (models / "manifests").glob("*/*/*/*"):
            host, user, model, tag = manifest.relative_to(models / "manifests").parts
            own = [] if (host, user) == (_REGISTRY, _LIBRARY) else [user] if host == _REGISTRY else [host, user]
            found.add("/".join([*own, f"{model}:{tag}"]))
    return sorted(found)


def _unknown_to_ollama(name: str) -> Found:
    own, known = name.removeprefix(OLLAMA), ollama_names()
    has = f"it has {', '.join(known[:8])}" if known else f"nothing lies in {_ollama_folders()[0]}"
    raise TriviumError(f"{name}: Ollama does not have it here; {has}. `ollama pull {own}` brings it.")


def _llama_cpp_folder() -> Path:
    """$LLAMA_CACHE, else where llama.cpp keeps what `-hf` downloads on this system."""
    if chosen := os.environ.get("LLAMA_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "llama.cpp"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "llama.cpp"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "llama.cpp"


def _from_llama_cpp(name: str) -> Found | None:
    """`user/repository:quantisation`, as `-hf` takes it; or a file of its cache by its name."""
    files = list(_kept_by_llama_cpp(name))
    if len(files) > 1:
        raise TriviumError(f"{name}: llama.cpp keeps {len(files)} files of it; name one of them: {_listed(files)}.")
    return Found(_whole(files[0])) if files else None


def _kept_by_llama_cpp(name: str) -> Iterator[Path]:
    """In its own cache, as `user_repository_file.gguf`; newer versions keep files in that of the hub."""
    repository, _, kind = name.partition(":")
    folder, before = _llama_cpp_folder(), f"{repository.replace('/', '_')}_".lower()
    for path in sorted(folder.glob("*.gguf")) if folder.is_dir() else ():
        own = path.name.lower()
        rest = own.removeprefix(before) if "/" in repository and own.startswith(before) else ""
        if own == f"{name.lower()}.gguf" or (rest and kind.lower() in rest and _PICTURES not in rest):
            yield path
    if "/" in repository:
        from huggingface_hub.constants import HF_HUB_CACHE

        kept = Path(HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}" / "snapshots"
        if any(kept.glob("*/*.safetensors")):
            return
        for path in sorted(kept.glob("*/*.gguf")):
            if kind.lower() in path.name.lower() and _PICTURES not in path.name.lower():
                yield path
