"""A first visit: a finished run that came with the program, which nothing here can change, and three ways on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.errors import TriviumError
from evaluation.run.folder import RunFolder
from ui.first_visit import SAMPLE_FOLDER, SAMPLE_RUN
from ui.pack_sample import MOST, pack

Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]


@pytest.fixture
def packed(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up run of `data/orrin_ferries`, packed; its record names a machine."""
    folder = RunFolder(runs / "made-up")
    record = folder.record()
    record["settings"]["domain"] = "/home/somebody/trivium/data/orrin_ferries"
    machine = {"system": "Linux", "kind": "x86_64", "cores": 2}
    folder.save_record(record | {"created": "2026-03-01T10:00:00+00:00", "seconds": 540.0, "machine": machine})
    pack(runs / "made-up", tmp_path / "sample_run")
    monkeypatch.setattr("ui.first_visit.SAMPLE_FOLDER", tmp_path / "sample_run")
    return tmp_path / "sample_run"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "mine" / "runs").mkdir(parents=True)
    return tmp_path / "mine" / "runs"


@pytest.mark.parametrize("name", ["report", "answers", "costs"])
def test_a_first_visit_shows_it_with_its_date_and_machine_and_three_ways_on(
    opened: Open, texts: Texts, packed: Path, empty: Path, name: str
) -> None:
    page = opened(name, empty)
    assert not page.exception
    assert not page.error
    assert "Made on 1 March 2026 on 2 cores (Linux, x86_64) in 9 minutes." in texts(page)
    ways = [button.label for button in page.button]
    assert [way for way in ways if way.startswith(("Make the sample", "Try your", "Teach"))] == [
        "Make the sample run here (about 10 minutes)", "Try your own documents", "Teach the model five sentences"
    ]  # fmt: skip
    assert page.selectbox[0].value == SAMPLE_RUN


def test_nothing_of_it_is_changed(opened: Open, texts: Texts, packed: Path, empty: Path) -> None:
    before = {path.name: path.read_bytes() for path in packed.iterdir()}
    page = opened("answers", empty, question="flag1-q")
    assert not page.exception
    assert not {"Mark as right", "Mark as wrong", "Grade again"} & {button.label for button in page.button}
    assert "Label a sample" not in [option for group in page.button_group for option in group.options]
    for name in ("report", "costs"):
        assert not opened(name, empty).exception
    assert {path.name: path.read_bytes() for path in packed.iterdir()} == before


def test_the_button_makes_it_here(opened: Open, packed: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr("ui.first_visit.start", lambda runs, title, arguments, out, cwd: commands.append(arguments))
    monkeypatch.setattr("ui.first_visit.go", lambda page: None)
    page = opened("report", empty)
    next(button for button in page.button if button.label.startswith("Make the sample run here")).click().run()
    (command,) = commands
    assert command[0] == "run"
    assert Path(command[1]).joinpath("domain.toml").exists(), "the domain that came with the program"
    assert command[2:4] == ["--profile", "smoke"]


def test_a_run_of_ones_own_comes_first(opened: Open, texts: Texts, packed: Path, runs: Path) -> None:
    page = opened("report", runs)
    assert page.selectbox[0].options == ["made-up", SAMPLE_RUN]
    assert page.selectbox[0].value == "made-up"
    page.selectbox[0].select(SAMPLE_RUN).run()
    assert "It can be read, not changed." in texts(page)


def test_what_is_packed_names_no_place_of_the_machine(packed: Path) -> None:
    assert b"/home/somebody" not in b"".join(path.read_bytes() for path in packed.iterdir())
    assert RunFolder(packed).record()["settings"]["domain"] == "data/orrin_ferries"


def test_only_a_run_of_the_sample_domain_is_packed(runs: Path, tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="is no run of data/orrin_ferries"):
        pack(runs / "made-up", tmp_path / "elsewhere")


@pytest.mark.parametrize("name", ["report", "answers", "costs"])
def test_the_run_that_is_shipped_opens_and_is_small(opened: Open, empty: Path, name: str) -> None:
    page = opened(name, empty)
    assert not page.exception
    assert not page.error
    assert page.selectbox[0].value == SAMPLE_RUN
    files = [path for path in SAMPLE_FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MOST
    record: dict[str, Any] = json.loads((SAMPLE_FOLDER / "run.json").read_text(encoding="utf-8"))
    assert record["settings"]["domain"] == "data/orrin_ferries"
    assert record["machine"]["cores"]
