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
    if version not in (3, 4):
        raise TriviumError(
            f"{run}: made by another version of Trivium (results version {version}; this one reads 3 to {VERSION}). "
            f"`trivium score {run}` rebuilds them from the saved answers."
        )
    try:
        return _from_4(content if version == 4 else _from_3(content, run))
    except (KeyError, TypeError, AttributeError) as error:
        raise TriviumError(
            f"{run / 'results.json'}: not in the form of version {version} ({error}). `trivium score {run}` rebuilds "
            "it from the saved answers."
        ) from error


def _from_4(content: dict[str, Any]) -> dict[str, Any]:
    """Version 5 tests wrong answers too, with intervals that hold together, and says how a decision came about."""
    contrasts = [row | {"p_value": row["p_holm"], "simultaneous": False} for row in content["contrasts"]]
    costs = content["costs"]
    queries = costs["scenario"]["queries_per_month"] * costs["scenario"]["months"]
    rows = {
        name: row | {"total_error": queries * (row["query_ci"][1] - row["query_ci"][0]) / 2}
        for name, row in costs["methods"].items()
    }
    return content | {
        "schema_version": VERSION,
        "contrasts": contrasts,
        "verdict": _verdict_from_4(content),
        "costs": costs | {"methods": rows},
    }


def _verdict_from_4(content: dict[str, Any]) -> dict[str, Any]:
    """Its words as they were. Only right answers were tested then."""
    verdict: dict[str, Any] = content["verdict"]
    failed = any(check["passed"] is False for check in content["audit"]["checks"])
    if verdict["recommended"]:
        badge = {"how": "sure", "text": "sure: more right answers"}
    else:
        badge = {"how": "failed" if failed else "open", "text": "audit failed" if failed else "undecided"}
    decided = "right answers" if verdict["recommended"] else "nothing"
    return verdict | {"badge": badge, "decided_by": decided, "caveats": content["audit"]["warnings"]}


def _from_3(content: dict[str, Any], run: Path) -> dict[str, Any]:
    """Version 4 added the three outcomes to every cell, each method's kind, and the training curve."""
    methods = {name: _method_from_3(name, method, run) for name, method in content["methods"].items()}
    if content["domain"]["weighted"]:
        for method in methods.values():  # counts do not give the weighted shares
            for outcome in ("unknown", "wrong"):
                method["overall"]["outcomes"][outcome]["rate"] = None
    audit = content["audit"] | {"base_knowledge": _cell_from_3(content["audit"]["base_knowledge"])}
    return content | {"methods": methods, "audit": audit}


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
