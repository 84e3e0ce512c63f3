"""What has to be the same however a run was disturbed: answers, grades, figures and verdict; not the seconds."""

import hashlib
import json
from pathlib import Path
from typing import Any

_ANSWER = ("method", "question_id", "seed", "phase", "batch", "answer", "finish_reason", "prompt_sha256",
           "prompt_tokens", "completion_tokens", "contexts", "adapter")  # fmt: skip
_METHOD = ("overall", "categories", "refusal", "causes", "retrieval", "tokens")


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def of_results(results: dict[str, Any]) -> dict[str, Any]:
    """The part of results.json that does not depend on seconds."""
    methods = {
        name: {key: method[key] for key in _METHOD if key in method} | {"adapter": method["weights"]["adapter_sha256"]}
        for name, method in results["methods"].items()
    }
    return {"methods": methods, "contrasts": results["contrasts"], "recommended": results["verdict"]["recommended"]}


def of_run(run: Path) -> dict[str, Any]:
    """Of a finished run's folder.

    Raises:
        OSError, ValueError, KeyError: a file is missing or is not what it should be.
    """
    answers = [json.dumps([row[key] for key in _ANSWER]) for row in _rows(run / "answers.jsonl")]
    grades = [[row[key] for key in ("method", "seed", "phase", "question_id", "grade", "by")]
              for row in _rows(run / "scores.jsonl")]  # fmt: skip
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    reports = [(run / name).stat().st_size > 0 for name in ("report.html", "report.md")]
    return {"answers": sorted(answers), "grades": sorted(grades), "reports": reports, **of_results(results)}


def of_folder(folder: Path) -> dict[str, str]:
    """Digest of each file that is not hidden."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }
