"""Every page in every state: no runs, one that works, a finished one, one of an older version, a broken folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import as_version_3, saved, says_right
from streamlit.testing.v1 import AppTest

from data.load import load_domain
from evaluation.run.folder import RunFolder

PAGES = ("report", "answers", "compare", "costs", "drills", "data", "runs")
Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]


@pytest.mark.parametrize("name", PAGES)
def test_no_run_yet(opened: Open, texts: Texts, tmp_path: Path, name: str) -> None:
    (tmp_path / "runs").mkdir()
    page = opened(name, tmp_path / "runs")
    assert not page.exception
    assert not page.error
    ways = [button.label for button in page.button]
    assert any(word in texts(page) for word in ("Start one", "Upload")) or "Try your own documents" in ways


@pytest.mark.parametrize("name", PAGES)
def test_a_finished_run(opened: Open, runs: Path, name: str) -> None:
    page = opened(name, runs)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("name", PAGES)
def test_a_system_of_the_users_stands_beside_the_methods(
    opened: Open, tables: Any, make_domain: Callable[..., Path], make_run: Any, tmp_path: Path, name: str
) -> None:
    domain = load_domain(make_domain())
    own = {"contestants": {"own:mine": "http://localhost:1/ask"}}
    make_run("with-own", domain, {"base": lambda question: "x", "rag": says_right, "own:mine": says_right}, **own)
    page = opened(name, tmp_path / "runs")
    assert not page.exception
    assert not page.error
    if name == "answers":
        assert "own:mine" in page.dataframe[0].value.columns
    if name == "report":
        assert [list(table["method"]) for table in tables(page)[:2]] == [["rag", "own:mine"], ["base"]]


@pytest.mark.parametrize("name", ["report", "costs"])
def test_a_run_of_version_3_is_read(opened: Open, texts: Texts, runs: Path, name: str) -> None:
    content = as_version_3(saved(RunFolder(runs / "made-up"))) | {"schema_version": 3}
    (runs / "made-up" / "results.json").write_text(json.dumps(content), encoding="utf-8")
    page = opened(name, runs)
    assert not page.exception
    assert not page.error
    assert name == "costs" or "Harbours: 7 questions about 4 documents" in texts(page)


@pytest.mark.parametrize("name", ["report", "answers", "costs"])
def test_a_broken_run_is_one_sentence(opened: Open, runs: Path, name: str) -> None:
    (runs / "made-up" / "results.json").write_text(json.dumps({"model": {}, "schema_version": 0}), encoding="utf-8")
    page = opened(name, runs)
    assert not page.exception
    assert "made by another version of Trivium" in page.error[0].value


def test_every_entry_of_the_menu_leads_to_a_page() -> None:
    from importlib import import_module

    from ui.app import ENTRIES

    assert [e.address for e in ENTRIES] == [*PAGES, "playground", "lab"]
    assert all(callable(getattr(import_module(entry.module), entry.function)) for entry in ENTRIES)


def test_a_run_that_is_gone_is_said_to_be_gone(opened: Open, texts: Texts, runs: Path) -> None:
    """A shared address never shows another run's verdict."""
    page = opened("report", runs, run="gone")
    assert not page.exception
    assert "no finished run named 'gone'" in texts(page)
    assert not page.dataframe
    page.selectbox[0].select("made-up").run()
    assert page.dataframe


def test_a_damaged_file_of_a_run_is_a_sentence(opened: Open, runs: Path) -> None:
    scores = runs / "made-up" / "scores.jsonl"
    scores.write_text(scores.read_text(encoding="utf-8").split("\n", 1)[1], encoding="utf-8")
    page = opened("answers", runs)
    assert not page.exception
    assert "makes it again from the saved answers" in page.error[0].value
