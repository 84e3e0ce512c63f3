"""The packaging holds: folders import from this checkout, and no module shadows a top-level folder."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("data", "model", "rag", "finetune", "evaluation", "ui")
ORDER = {"data": 0, "model": 1, "rag": 2, "finetune": 2, "evaluation": 3, "ui": 4}  # siblings have one number


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_is_imported_from_this_checkout(folder: str) -> None:
    assert Path(str(importlib.import_module(folder).__file__)).parent == ROOT / folder


def test_no_module_is_named_like_a_top_level_folder() -> None:
    modules = {path.stem for folder in FOLDERS for path in (ROOT / folder).glob("*.py")}
    assert modules.isdisjoint(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_arrows_run_one_way(folder: str) -> None:
    """No folder imports one that stands above it or beside it."""
    above = [name for name in FOLDERS if ORDER[name] >= ORDER[folder] and name != folder]
    for path in (ROOT / folder).rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["from"], ["import"]):
                imported = words[1].split(".")[0]
                assert imported not in above, f"{path}: {line}"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, evaluation.cli.main; "
        "print([m for m in ('torch', 'transformers', 'faiss', 'streamlit', 'pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
