"""Pages of docs/ that are made from the code are what the code makes today."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fakes import saved

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["architecture.md", "results.schema.json"])
def test_made_pages_are_fresh(generate: ModuleType, page: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == generate.PAGES[page](), "run `make docs`"


def test_a_module_without_a_docstring_is_refused(generate: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text("x = 1\n", encoding="utf-8")
    generate.ROOT = tmp_path
    with pytest.raises(ValueError, match=r"bare\.py has no docstring"):
        generate.summary(tmp_path / "bare.py")


def test_the_page_about_results_names_every_top_level_field(runs: Path) -> None:
    schema: dict[str, Any] = json.loads((ROOT / "docs" / "results.schema.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    written = saved(type("Run", (), {"path": runs / "made-up"})())
    assert set(written) == set(schema["properties"])
    assert set(written) <= set(re.findall(r"`(\w+)`", text))


def _named(pattern: str) -> set[tuple[str, str]]:
    """(page, name) of everything in backticks of the pages written by hand that the pattern fits."""
    pages = [ROOT / "README.md", *(page for page in (ROOT / "docs").glob("*.md") if page.name != "architecture.md")]
    return {(page.name, name) for page in pages for name in re.findall(pattern, page.read_text(encoding="utf-8"))}


def test_files_that_pages_name_are_there() -> None:
    folders = "data|model|rag|finetune|evaluation|ui|tests|benchmarks"
    files = _named(rf"`((?:{folders})/[\w/]+\.(?:py|toml|json))`")
    assert {(page, name) for page, name in files if not (ROOT / name).exists()} == set()


def test_tests_that_pages_name_are_there() -> None:
    known = {
        name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    named = _named(r"`(test_\w+)…?`")
    assert named
    missing = {(page, name) for page, name in named if not any(one.startswith(name) for one in known)}
    assert missing == set()
