"""The packaging holds: folders import from this checkout, and no module shadows a top-level folder."""

import ast
import importlib
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("data", "model", "rag", "finetune", "evaluation", "ui")
FLOORS = {"data": 0, "model": 1, "rag": 2, "finetune": 2, "evaluation": 3, "ui": 4}
ROOMS = {
    "contest": 0,
    "jobs": 0,
    "run": 1,
    "results": 2,
    "grading": 3,
    "cost": 3,
    "analysis": 4,
    "report": 5,
    "drafting": 5,
    "lab": 5,
    "canary": 5,
    "drills": 5,
    "preferences": 6,
    "export": 6,
    "serve": 7,
    "cli": 8,
}


def imports(path: Path) -> set[str]:
    """Modules that a file imports anywhere, inside functions and for type checking too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def place(module: str) -> str:
    """Folder, and room inside evaluation, of a dotted name: "model", "evaluation.cost", "evaluation"."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "evaluation" and len(parts) > 1 and parts[1] in ROOMS else parts[0]


def may_import(here: str, there: str) -> bool:
    """Only what stands below; siblings on one floor do not know each other."""
    if here == there or there.partition(".")[0] not in FLOORS:
        return True
    folder, other = here.partition(".")[0], there.partition(".")[0]
    if folder != other:
        return FLOORS[other] < FLOORS[folder]
    if here == "evaluation":
        return False  # what rooms share knows no room
    if there == "evaluation":
        return True
    return ROOMS[there.partition(".")[2]] < ROOMS[here.partition(".")[2]]


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_is_imported_from_this_checkout(folder: str) -> None:
    assert Path(str(importlib.import_module(folder).__file__)).parent == ROOT / folder


def test_no_module_is_named_like_a_top_level_folder() -> None:
    modules = {path.stem for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    assert modules.isdisjoint({*FOLDERS, "benchmarks"})


def test_every_room_of_evaluation_has_its_floor() -> None:
    assert {path.parent.name for path in (ROOT / "evaluation").glob("*/__init__.py")} <= {*ROOMS}


@pytest.mark.parametrize("folder", FOLDERS)
def test_arrows_run_downwards(folder: str) -> None:
    """No folder, and no room inside evaluation, imports one that stands above or beside it."""
    wrong = set()
    for path in (ROOT / folder).rglob("*.py"):
        name = path.relative_to(ROOT)
        here = place(".".join(name.with_suffix("").parts))
        if name.name == "__main__.py":
            continue  # the entry point may start the command
        for module in imports(path):
            if not may_import(here, place(module)):
                wrong.add((str(name), module))
    assert wrong == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_two_modules_import_each_other(folder: str) -> None:
    """Files of a folder can be put in an order in which each imports only earlier ones."""
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / folder).rglob("*.py")}
    needs = {name: (imports(path) & files.keys()) - {name} for name, path in files.items()}
    list(TopologicalSorter(needs).static_order())  # raises CycleError, which names the circle


def test_no_module_is_longer_than_can_be_kept_in_mind() -> None:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in paths}
    assert {path: n for path, n in lines.items() if n > 300} == {}


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, evaluation.cli.main; "
        "print([m for m in ('torch', 'transformers', 'faiss', 'streamlit', 'pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_model_is_reached_by_the_official_client_alone() -> None:
    """Other code that speaks HTTP: a contestant's own form of request, an index server, the app's wait for its page."""
    clients = {"urllib.request", "urllib3", "http.client", "requests", "httpx", "aiohttp"}
    speaks = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if clients & {client for module in imports(path) for client in clients if f"{module}.".startswith(f"{client}.")}
    }
    assert speaks == {"evaluation/contest/over_http.py", "rag/qdrant_server.py", "ui/open_browser.py"}


def test_nothing_that_only_unix_has_is_imported_with_a_module() -> None:
    """macOS and Windows lack some of these or limit them: only a function that can do without may import them."""
    lacking = {"resource", "fcntl", "termios", "pwd", "grp", "pty", "syslog"}
    wrong = set()
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            wrong |= {(str(path.relative_to(ROOT)), name) for name in names if name in lacking}
    assert wrong == set()
