"""Write an export: a folder that is whole or absent, with the digest of every file in it."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data import jsonl
from data.cache_entry import SEAL, seal
from data.errors import TriviumError
from data.files import read_text, whole_folder, write_json, write_text
from data.progress import Progress, silent
from data.sealed import write_sealed
from evaluation.export.card import adapter_card, base_of, readme
from evaluation.export.folder import (
    ADAPTER,
    CARD,
    DOCUMENTS,
    FIGURES,
    GGUF,
    INDEX,
    MERGED,
    PREFIX,
    RECORD,
    SETTINGS,
    ServeSettings,
    read_export,
)
from evaluation.export.from_run import kept_method
from evaluation.export.kept import KeptMethod
from evaluation.export.merged import write_merged
from evaluation.results.file import read_results
from evaluation.results.schema import Results
from evaluation.run.folder import RunFolder
from finetune.adapter import CONFIG, WEIGHTS
from finetune.adapter import RECORD as TRAINING
from rag.index_record import IndexRecord

_EXPLAINED = {
    "model": "under the name that it has on this machine; empty: as the run called it",
    "embedder": "the same",
    "device": "cpu, cuda or mps; empty: the run's",
    "queue": "requests that wait at most; the next one is told to come again (429)",
    "batch": "questions that are answered together",
    "window_ms": "how long a batch waits for more questions",
    "time_limit": "seconds for one request",
    "body_kib": "of a request",
    "max_tokens": "of an answer, that a client may ask for",
    "runs": "folder with the runs that /v1/runs shows; empty: it is not there",
    "allow_hosts": "names under which the server is reached, beside localhost",
}


def write_export(
    run: Path, method: str, out: Path, merged: bool = False, gguf: bool = False, progress: Progress = silent
) -> Path:
    """Export one method of a finished run.

    Args:
        merged: also the base weights with the adapter added.
        gguf: these as a GGUF file, too.

    Raises:
        TriviumError: the run is damaged or not finished, the method cannot answer by itself, or `out` is in use.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TriviumError(f"{out}: something is there already. Name a folder that is new or empty.")
    kept, results = kept_method(run, method), read_results(RunFolder(run))
    with whole_folder(out) as folder:
        _copy_parts(kept, folder, results)
        if merged or gguf:
            write_merged(kept, folder / MERGED, folder / GGUF if gguf else None, progress)
        write_sealed(folder / RECORD, kept.record.model_dump(mode="json"))
        write_json(folder / FIGURES, _figures(results, method))
        write_text(folder / SETTINGS, _serve_toml())
        write_text(folder / CARD, readme(kept.record, results, [path.name for path in folder.iterdir()]))
        seal(folder)
        read_export(folder)
    return out


def _copy_parts(kept: KeptMethod, folder: Path, results: Results) -> None:
    if kept.index:
        made = IndexRecord.load(kept.index)
        (folder / INDEX).mkdir()
        for path in sorted(kept.index.iterdir()):
            if path.name in ("index.json", "passages.jsonl", f"vectors.{made.kind}"):
                shutil.copyfile(path, folder / INDEX / path.name)
    if kept.documents is not None:
        jsonl.write(folder / DOCUMENTS, map(asdict, kept.documents))
    if kept.adapter:
        target = folder / (PREFIX if kept.record.trained == "prefix" else ADAPTER)
        target.mkdir()
        for name in (WEIGHTS, TRAINING):
            shutil.copyfile(kept.adapter / name, target / name)
        config: dict[str, Any] = json.loads(read_text(kept.adapter / CONFIG))
        # Where the base lay on the machine that trained is of no use elsewhere.
        write_json(target / CONFIG, config | {"base_model_name_or_path": base_of(kept.record) or None})
        write_text(target / CARD, adapter_card(kept.record, results))


def _figures(results: Results, method: str) -> dict[str, Any]:
    """What results.json says of this method and of the decision, under the same names."""
    content = results.model_dump(mode="json")
    parts = ("schema_version", "run", "domain", "model", "grader", "coverage", "verdict")
    return {part: content[part] for part in parts} | {"methods": {method: content["methods"][method]}}


def _serve_toml() -> str:
    """All settings with their defaults, each explained; JSON's texts, numbers and lists are TOML's too."""
    lines = ["# How `trivium serve` serves this folder. Options of the command go before what stands here."]
    for name, value in ServeSettings().model_dump(mode="json").items():
        mark = "# " if value is None else ""
        written = '"http://localhost:8000/v1"' if value is None else json.dumps(value)
        about = f"  # {_EXPLAINED[name]}" if name in _EXPLAINED else ""
        lines.append(f"{mark}{name} = {written}{about}")
    return "\n".join(lines) + "\n"


def contents(out: Path) -> list[tuple[str, int]]:
    """Names and bytes of what an export holds, for the person who made it."""
    sizes = []
    for path in sorted(out.iterdir()):
        files = path.rglob("*") if path.is_dir() else [path]
        sizes.append((path.name, sum(file.stat().st_size for file in files if file.is_file())))
    return [(name, size) for name, size in sizes if name != SEAL]
