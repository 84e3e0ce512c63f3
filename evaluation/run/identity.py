"""What a run depends on, as digests in run.json, and a sentence for each that is another one now."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from data.errors import TriviumError
from data.findings import counted
from data.schema import Domain
from evaluation.contest.address import file_digest_of
from evaluation.run.folder import RunFolder
from evaluation.run.registry import spec_of
from evaluation.run.settings import FREE, RunSettings, settings_of

_SHOWN = 3  # documents or questions that a sentence names
ALL = ("settings", "model", "embedder", "prompt", "documents", "updates", "questions", "contestants")
FOR_ONE_QUESTION = ("model", "embedder", "documents", "training")  # what an index and an adapter were made from


def identity_of(domain: Domain, settings: RunSettings) -> dict[str, Any]:
    """Digests of the files of model, embedder and contestants, of each document, update and question, and the prompt.

    What answers behind a URL cannot be known: it has an empty digest.
    """
    from model.files import file_digests
    from model.registry import digests_of

    searches = settings.search_by != "words" and any(spec_of(name).context == "search" for name in settings.methods)
    return {
        "model": digests_of(settings.model),
        "embedder": file_digests(settings.embedder) if searches else {},
        "prompt": {key: _short(value) for key, value in domain.settings.model_dump(mode="json").items()},
        "documents": {document.id: _short(document) for document in domain.documents},
        "updates": {f"{number}: {update.fact_id}": _short(update) for number, update in enumerate(domain.updates, 1)},
        "questions": {question.id: _short(question) for question in domain.questions},
        "training": sorted(question.id for question in domain.split("train")),
        "contestants": {name: file_digest_of(address) for name, address in settings.contestants.items()},
    }


def _short(content: object) -> str:
    text = content.model_dump_json() if isinstance(content, BaseModel) else repr(content)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def changes(
    before: Mapping[str, Any], now: Mapping[str, Any], parts: Collection[str] = ALL, model: str = "", embedder: str = ""
) -> Iterator[str]:
    """What differs between two identities, a phrase each. What one of them does not know is not compared.

    Args:
        model, embedder: their names, for the sentence.
    """
    for part, what in (("model", f"the model {model}"), ("embedder", f"the embedding model {embedder}")):
        old, new = before.get(part) or {}, now.get(part) or {}
        if part in parts and old and new and (other := _other(old, new)):
            yield f"{what.strip()} is another one ({', '.join(other)})"
    if "prompt" in parts and (other := _other(before.get("prompt") or {}, now.get("prompt") or {})):
        yield f"domain.toml says something else ({', '.join(other)})"
    for part in ("documents", "updates", "questions", "contestants"):
        if part in parts and part in before and part in now:
            yield from _differences(part.removesuffix("s"), before[part], now[part])
    if "training" in parts and "training" in before:
        ids = {*before["training"], *now.get("training", ())}
        taught = [{k: v for k, v in one.get("questions", {}).items() if k in ids} for one in (before, now)]
        yield from _differences("training question", *taught)


def _other(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]


def _differences(noun: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    kinds = {
        "changed": [key for key in old if key in new and old[key] != new[key]],
        "added": [key for key in new if key not in old],
        "gone": [key for key in old if key not in new],
    }
    for kind, keys in kinds.items():
        if keys:
            more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
            yield f"{counted(len(keys), noun)} {kind} ({', '.join(keys[:_SHOWN])}{more})"


def _settings_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in _other(old, new):
        was, now = old.get(key), new.get(key)
        if key in FREE:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _settings_changed(was, now)
        else:
            yield f"{key} was {_said(was)} and is {_said(now)}"


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "not set" if value is None else str(value)


def refuse_another(folder: RunFolder, domain: Domain, settings: RunSettings, parts: Collection[str] = ALL) -> None:
    """See that what a run was made with is what lies there now.

    Raises:
        TriviumError: it is not; says what changed and what can be done.
    """
    record, chosen = folder.record(), settings.model_dump(mode="json")
    began = settings_of(folder).model_dump(mode="json")
    for key in settings.left_to_the_model():  # filled in when the run began
        *outer, last = key.split(".")
        place, known = (chosen[outer[0]], began[outer[0]]) if outer else (chosen, began)
        place[last] = known[last]
    compared = [part for part in parts if began.get(part) == chosen.get(part)]  # another name is told as a setting
    found = list(_settings_changed(began, chosen)) if "settings" in parts else []
    found += changes(
        record.get("identity") or {}, identity_of(domain, settings), compared, settings.model, settings.embedder
    )
    if found:
        raise TriviumError(
            f"{folder.path}: this run was made with something else: {'; '.join(found)}. Put that back to go on with "
            "it, or make a new run with another --out."
        )


def other_versions(record: Mapping[str, Any], now: Mapping[str, str], patches: bool = True) -> str:
    """Packages whose version is another one than the run's, as "torch 2.1, now 2.2"; empty where there is none.

    Args:
        patches: name Trivium itself also where only its last number differs, which changes no answer.
    """
    before = record.get("versions") or {}
    series = [versions.get("trivium", "").split(".")[:2] for versions in (before, now)]
    if not patches and series[0] == series[1]:
        now = {name: new for name, new in now.items() if name != "trivium"}
    return ", ".join(f"{name} {before[name]}, now {new}" for name, new in now.items() if before.get(name, new) != new)
