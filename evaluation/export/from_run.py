"""What a finished run keeps of its methods: found in its folder alone, checked against the run's record."""

import json
from pathlib import Path
from typing import Any

from data.errors import Incapable, TriviumError
from data.files import read_text
from data.prompt import Passage, PromptTemplate
from evaluation.export.kept import KeptMethod
from evaluation.export.record import EmbedderRecord, MethodRecord, ModelRecord, kept_settings, versions_now
from evaluation.run.folder import RunFolder
from evaluation.run.mending import refuse_damaged
from evaluation.run.registry import BUILT_IN, MethodSpec, spec_of
from evaluation.run.settings import RunSettings, settings_of
from finetune.adapter import CONFIG, RECORD
from rag.index import digest
from rag.index_record import IndexRecord


def kept_of_run(path: Path) -> tuple[list[KeptMethod], dict[str, str]]:
    """All methods of a run that can answer any question, and why the others cannot.

    Raises:
        TriviumError: the run is damaged, not finished, or has none.
    """
    folder = _finished(path)
    found, why = [], {}
    for name in settings_of(folder).methods:
        try:
            found.append(_kept(folder, name))
        except Incapable as reason:
            why[name] = str(reason)
    if not found:
        raise TriviumError(f"{path}: no method of this run can answer by itself: {'; '.join(why.values())}.")
    return found, why


def kept_method(path: Path, name: str) -> KeptMethod:
    """One method of a finished run.

    Raises:
        TriviumError: the run is damaged or not finished, or the method is none of it or cannot answer by itself.
    """
    folder = _finished(path)
    known = settings_of(folder).methods
    if name not in known:
        spec_of(name)  # says so where there is no such method at all
        raise TriviumError(f"{path}: this run has no method '{name}'; it has {', '.join(known)}.")
    return _kept(folder, name)


def _finished(path: Path) -> RunFolder:
    folder = RunFolder(path)
    if folder.record()["status"] != "complete":
        raise TriviumError(f"{path}: the run is not finished. `trivium resume {path}` finishes it.")
    refuse_damaged(folder)
    return folder


def _kept(folder: RunFolder, name: str) -> KeptMethod:
    record, settings, spec = folder.record(), settings_of(folder), spec_of(name)
    _refuse_what_cannot_answer(record, spec)
    with folder.in_form():
        details = record["methods"][name][str(settings.seed)]["details"]
        about = _record(record, settings, spec, details)
    adapter = _adapter(folder.path, spec, details) if spec.adapted else None
    kept = about.model_copy(update={"trained": _kind(adapter), "trained_sha256": details["adapter_sha256"]}
                            if adapter else {})  # fmt: skip
    index = _index(folder.path, details) if spec.context == "search" else None
    documents = _documents(folder, details["injected"]) if spec.context == "all" else None
    return KeptMethod(kept, folder.path, index, adapter, documents)


def _refuse_what_cannot_answer(record: dict[str, Any], spec: MethodSpec) -> None:
    if reason := record.get("not_applicable", {}).get(spec.name):
        raise Incapable(f"{spec.name} was not asked in this run: {reason}")
    if spec.is_contestant:
        raise Incapable(f"{spec.name} is your own system, which answers by itself.")
    if spec.needs_gold:
        raise Incapable(f"{spec.name} is a yardstick: it is given the passage that holds the answer.")
    if spec not in BUILT_IN:
        raise Incapable(f"{spec.name} is of another package, which alone knows what it needs.")


def _record(record: dict[str, Any], settings: RunSettings, spec: MethodSpec, details: dict[str, Any]) -> MethodRecord:
    model, identity, domain = record["model"], record.get("identity") or {}, record["domain"]
    above = details.get("threshold", {}).get("above", settings.sampling.refuse_above)
    searches = spec.context == "search" and settings.search_by != "words"
    return MethodRecord(
        run=record["id"], created=record["created"], method=spec.name, seed=settings.seed, domain=domain["name"],
        language=domain["language"], instruction=domain["instruction"], prompt=PromptTemplate(**record["prompt"]),
        prompt_frame=record.get("prompt_frame", ""), settings=kept_settings(settings),
        sampling=settings.sampling.model_copy(update={"refuse_above": above}),
        model=ModelRecord(
            name=settings.model, files=identity.get("model") or {}, identity=model.get("identity") or {},
            bill=model.get("bill", "machine"), facts={key: value for key, value in model.items() if key != "identity"},
        ),
        embedder=EmbedderRecord(
            name=settings.embedder, files=identity.get("embedder") or {}, fingerprint=details["embedder_fingerprint"]
        ) if searches else None,
        versions=versions_now(),
    )  # fmt: skip


def _adapter(run: Path, spec: MethodSpec, details: dict[str, Any]) -> Path:
    """The folder of the adapter that answered, found by its digest."""
    if "tuned" in details or "trained_with" in details:
        raise Incapable(f"what was trained for {spec.name} answers at its server; nothing of it is kept here.")
    for folder in sorted((run / "adapters").glob("[!.]*")):
        record = folder / RECORD
        if record.is_file() and json.loads(read_text(record)).get("sha256") == details["adapter_sha256"]:
            return folder
    raise TriviumError(
        f"{run / 'adapters'}: the adapter of {spec.name} is gone. Put a copy of it back, or run it again."
    )


def _kind(adapter: Path | None) -> str:
    assert adapter is not None
    return "adapter" if json.loads(read_text(adapter / CONFIG))["peft_type"] == "LORA" else "prefix"


def _index(run: Path, details: dict[str, Any]) -> Path:
    """The folder of the index that was searched, known by its digest."""
    folder = run / "index"
    try:
        unchanged = digest(folder, IndexRecord.load(folder).kind) == details["index_sha256"]
    except (TriviumError, OSError, ValueError):  # a file is missing, or its record is damaged
        unchanged = False
    if not unchanged:
        raise TriviumError(f"{folder}: not the index that the run searched. Put a copy of it back, or run it again.")
    return folder


def _documents(folder: RunFolder, injected: list[str]) -> tuple[Passage, ...]:
    """The documents that stood in the prompts before any of them changed, in their order."""
    rows = {row["chunk_id"]: row for row in folder.rows("chunks.jsonl")}
    missing = [name for name in injected if f"{name}#all" not in rows]
    if missing:
        raise TriviumError(f"{folder.path / 'chunks.jsonl'}: the document '{missing[0]}' of the prompts is not there.")
    return tuple(Passage(**rows[f"{name}#all"]) for name in injected)
