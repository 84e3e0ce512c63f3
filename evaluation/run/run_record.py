"""What run.json says of a run: its settings, domain, training and model."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import mean
from typing import Any

from data.errors import Incapable
from data.leaks import Leak
from data.prompt import FRAME
from data.schema import Category, Domain
from evaluation.run.folder import SCHEMA_VERSION
from evaluation.run.identity import identity_of
from evaluation.run.plan import Plan
from evaluation.run.settings import RunSettings
from model.language_model import LanguageModel, Logits, Refusing, Weights, lacking, need, offers
from model.registry import SERVED, kind_of

PACKAGES = ("torch", "transformers", "peft", "sentence-transformers", "faiss-cpu", "trivium")


def new_record(
    domain: Domain, settings: RunSettings, plan: Plan, name: str, digest: str, leaks: Sequence[Leak] = ()
) -> dict[str, Any]:
    """What run.json holds before anything was computed."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": name,
        "status": "running",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "digest": digest,
        "settings": settings.model_dump(mode="json"),
        "domain": _domain_entry(domain),
        "training": _training_entry(plan),
        "versions": {"python": platform.python_version()} | package_versions(),
        "machine": {"system": platform.system(), "kind": platform.machine(), "cores": os.cpu_count()},
        "identity": identity_of(domain, settings),
        "findings": [asdict(finding) for finding in domain.findings],
        "prompt": asdict(domain.settings.prompt),
        "leaks": [asdict(leak) for leak in leaks],  # not empty only where the user allowed them
        "methods": {},
        "seconds": 0.0,
    }


def counted_tokens(domain: Domain, plan: Plan, model: LanguageModel) -> dict[str, float]:
    """Tokens of the corpus and of a question, which prices are asked for."""
    count = model.count_tokens
    return {
        "corpus_tokens": sum(count(f"{document.title}\n{document.text}") for document in domain.documents),
        "question_tokens": mean(count(question.question) for question in plan.questions),
    }


def package_versions() -> dict[str, str]:
    """Of Trivium and of what computes."""
    return {name: version(name) for name in PACKAGES}


def _domain_entry(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "n_documents": len(domain.documents),
        "n_questions": len(domain.questions),
        "n_facts": len({q.fact_id for q in domain.questions if q.answerable}),
        "gate": domain.settings.gate,
        "mix": {str(category): share for category, share in domain.settings.mix.items()},
        "language": domain.settings.language,
        "instruction": domain.settings.instruction,
        "style_pattern": domain.settings.style.get("pattern", ""),
        "n_updates": len(domain.updates),
    }


def _training_entry(plan: Plan) -> dict[str, Any]:
    return {
        "wordings": len(plan.training),
        "drafted": sum(bool(question.meta.get("drafted")) for question in plan.training),
        "by_hand": sum(not question.meta.get("drafted") for question in plan.training),
        "writing_s": sum(float(question.meta.get("writing_s", 0)) for question in plan.training),  # of drafted ones
        "facts": None if plan.trained_facts is None else sorted(plan.trained_facts),
        "styled_facts": sorted({q.fact_id for q in plan.training if q.category is Category.STYLE}),
        "reversed_facts": sorted({q.fact_id for q in plan.training if q.category is Category.REVERSED}),
    }


def fingerprint_of(model: LanguageModel) -> str | None:
    """Of the base weights; None where the model shows none."""
    weights = offers(model, Weights)
    return weights.fingerprint() if weights else None


def model_entry(model: LanguageModel, settings: RunSettings) -> dict[str, Any]:
    """The base model by everything that a run has to find again when it goes on.

    Raises:
        TriviumError: a threshold of refusing is asked for, and the model does not show its probabilities.
    """
    weights, sampling = offers(model, Weights), settings.sampling
    if logits := offers(model, Logits):
        sampling = logits.with_reader_threshold(sampling)
    elif sampling.refuse_above is not None:
        need(model, Refusing, "--refuse-above").check_threshold(sampling.refuse_above)
    identity = dict(model.identity())
    return {
        "name": model.name,
        "parameters": weights.parameters if weights else None,
        "window": model.window,
        "device": model.device,
        "fingerprint": identity.get("weights"),
        "identity": identity,
        "refuse_above": sampling.refuse_above,
        "plain_name": model.plain_name,  # without its trained reader; empty where it has none
        "shapes": asdict(weights.shapes()) if weights else None,
        "bill": "api" if kind_of(settings.model) in SERVED else "machine",
        "unknown": lacking(model, Weights),  # why weights and operations are n/a; empty where they are not
    }


def other_model(known: Mapping[str, Any], model: Mapping[str, Any]) -> list[str]:
    """What of a model is another than the run's, in words."""
    told = {"weights": "its weights", "template": "its chat template", "tokenizer": "its tokenizer"}
    now, before = ({**entry, **(entry.get("identity") or {})} for entry in (model, known))
    passed_over = ("identity", "fingerprint" if "weights" in now else "")
    keys = [key for key in now if key not in passed_over and before.get(key, now[key]) != now[key]]
    return [told.get(key, key.replace("_", " ")) for key in keys]


def prompt_frame(model: LanguageModel) -> str:
    """The model's chat template around marks for the system's and the user's text."""
    system, user = FRAME
    return model.render([{"role": "system", "content": system}, {"role": "user", "content": user}])


def note_not_applicable(record: dict[str, Any], methods: Sequence[str], name: str, reason: Incapable) -> None:
    """Note that a method cannot be asked of this model, and why.

    Raises:
        Incapable: no method of the run is left.
    """
    known = record.setdefault("not_applicable", {})
    known[name] = str(reason)
    record["methods"].pop(name, None)
    if known.keys() >= set(methods):
        raise reason
