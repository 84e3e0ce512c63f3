"""Results of earlier versions, brought to the form of today's. What they did not record is None."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from data.errors import TriviumError
from data.files import read_text
from evaluation.results.schema import VERSION
from evaluation.run.registry import spec_of


def upgraded(content: dict[str, Any], run: Path) -> dict[str, Any]:
    """The content of results.json in today's form.

    Raises:
        TriviumError: a version that is not known, or a file that is not in the form of its version.
    """
    version = content.get("schema_version")
    if version == VERSION:
        return content
    if version != 3:
        raise TriviumError(
            f"{run}: made by another version of Trivium (results version {version}; this one reads 3 and {VERSION}). "
            f"`trivium score {run}` rebuilds them from the saved answers."
        )
    try:
        return _from_3(content, run)
    except (KeyError, TypeError, AttributeError) as error:
        raise TriviumError(
            f"{run / 'results.json'}: not in the form of version 3 ({error}). `trivium score {run}` rebuilds it from "
            "the saved answers."
        ) from error


def _from_3(content: dict[str, Any], run: Path) -> dict[str, Any]:
    """Version 4 added the three outcomes to every cell, each method's kind, and the training curve."""
    methods = {name: _method_from_3(name, method, run) for name, method in content["methods"].items()}
    if content["domain"]["weighted"]:
        for method in methods.values():  # counts do not give the weighted shares
            for outcome in ("unknown", "wrong"):
                method["overall"]["outcomes"][outcome]["rate"] = None
    audit = content["audit"] | {"base_knowledge": _cell_from_3(content["audit"]["base_knowledge"])}
    return content | {"schema_version": VERSION, "methods": methods, "audit": audit}


def _cell_from_3(cell: dict[str, Any]) -> dict[str, Any]:
    n = cell["n"] - cell["unscored"]
    known = {"n": n, "rate": cell["accuracy"], "ci_low": cell["ci_low"], "ci_high": cell["ci_high"]}
    others = {
        outcome: {"n": n, "rate": cell[count] / n if n else None, "ci_low": None, "ci_high": None}
        for outcome, count in (("unknown", "abstained"), ("wrong", "wrong"))
    }
    return cell | {"outcomes": {"right": known, **others}}


def _cells_in(part: dict[str, Any]) -> dict[str, Any]:
    """The same with every cell of it upgraded."""
    return {
        key: value if not isinstance(value, dict) else _cell_from_3(value) if "unscored" in value else _cells_in(value)
        for key, value in part.items()
    }


def _method_from_3(name: str, method: dict[str, Any], run: Path) -> dict[str, Any]:
    spec, trained = spec_of(name), method["training"]
    return _cells_in(method) | {
        "kind": spec.kind,
        "context": spec.context,
        "adapted": spec.adapted,
        "training": trained and trained | {"curve": _curve(run)},
    }


def _curve(run: Path) -> list[dict[str, Any]]:
    """The loss of the first training, which version 3 left in the adapter's folder."""
    for path in sorted(run.glob("adapters/[!.]*/training.json")):
        with suppress(TriviumError, ValueError, KeyError, TypeError):
            curve: list[dict[str, Any]] = json.loads(read_text(path))["curve"]
            return curve
    return []
