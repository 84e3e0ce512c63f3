"""Writes the pages of docs/ that are made from the code: the map of files and the JSON Schema of results.json.

`make docs` runs it. A test fails when a page is stale.
"""

import ast
import json
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
FOLDERS = ("data", "model", "rag", "finetune", "evaluation", "ui", "benchmarks")
ROOMS = (
    "contest",
    "jobs",
    "run",
    "results",
    "grading",
    "cost",
    "analysis",
    "report",
    "drafting",
    "lab",
    "canary",
    "drills",
    "preferences",
    "export",
    "serve",
    "cli",
)  # from below upwards
HEAD = """# The map

One idea a file; the import path is the folder path. Imports point one way, and `tests/test_layout.py` holds them to it:

    ui → evaluation → rag, finetune → model → data

and inside `evaluation`

    cli → serve → export, preferences → report, drafting, lab, canary, drills → analysis → grading, cost → results →
    run → contest, jobs

`rag` and `finetune` do not know each other. Tests mirror the folders: `tests/<folder>/<room>/test_<module>.py`.

This page is made from the first line of each module by `make docs`.
"""


def summary(path: Path) -> str:
    """First sentence of a module's docstring.

    Raises:
        ValueError: it has none.
    """
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not text:
        raise ValueError(f"{path.relative_to(ROOT)} has no docstring")
    return " ".join(text.split("\n\n")[0].split())


def _modules(folder: Path) -> str:
    rows = [
        f"| `{path.name}` | {summary(path)} |" for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"
    ]
    return "\n".join(["| file | what it holds |", "| --- | --- |", *rows])


def _section(folder: Path, level: str) -> str:
    name = folder.relative_to(ROOT).as_posix()
    return f"{level} {name}/\n\n{summary(folder / '__init__.py')}\n\n{_modules(folder)}\n"


def architecture() -> str:
    """docs/architecture.md."""
    parts = [HEAD]
    for name in FOLDERS:
        folder = ROOT / name
        parts.append(_section(folder, "##"))
        rooms = sorted(path.parent for path in folder.glob("*/__init__.py"))
        known = {room: place for place, room in enumerate(ROOMS)}
        parts += [_section(room, "###") for room in sorted(rooms, key=lambda room: known.get(room.name, 0))]
    return "\n".join(parts)


def results_schema() -> str:
    """docs/results.schema.json."""
    from evaluation.results.schema import Results

    return json.dumps(Results.model_json_schema(mode="serialization"), indent=1, ensure_ascii=False) + "\n"


PAGES = {"architecture.md": architecture, "results.schema.json": results_schema}


if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
