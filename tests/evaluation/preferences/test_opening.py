"""`trivium prefer RUN` from the command to the file."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evaluation.cli.main import app
from evaluation.preferences.rankings import read_rankings

OPTIONS = ["--budget", "3", "--temperature", "1.5", "--methods", "base"]


def prefer(run: Path, *options: str, typed: str = "") -> str:
    done = CliRunner().invoke(app, ["prefer", str(run), *options], input=typed)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_person_ranks_and_goes_on_where_they_stopped(run: Path) -> None:
    told = prefer(run, *OPTIONS, "--by", "ann", typed="2\nb\nq\n")
    assert "2 ranked by ann, 1 of this budget left." in told
    assert "ann: 2 questions," in told
    assert "1 all bad" in told
    told = prefer(run, *OPTIONS, "--by", "ann", typed="1\n")
    assert "1 of 1" in told
    assert len(read_rankings(run)) == 3
    assert "ann has ranked all of them." in prefer(run, *OPTIONS, "--by", "ann")


def test_answers_are_drawn_once(run: Path) -> None:
    prefer(run, *OPTIONS, "--by", "ann", typed="1\n1\n1\n")
    kept = (run / "preferences" / "candidates.jsonl").read_bytes()
    told = prefer(run, *OPTIONS, "--by", "bob", typed="1\n1\n1\n")
    assert (run / "preferences" / "candidates.jsonl").read_bytes() == kept
    assert "ann and bob: Kendall's tau" in told


def test_a_rule_ranks_and_is_named(run: Path) -> None:
    told = prefer(run, "--methods", "lora", "--by-rule", "house-form", "--budget", "4")
    assert "4 ranked by the rule house-form." in told
    assert {(one.by, one.kind) for one in read_rankings(run)} == {("rule:house-form", "rule")}


def test_preferences_go_out_and_come_in(run: Path, tmp_path: Path) -> None:
    prefer(run, "--by-rule", "house-form", "--budget", "2")
    out = tmp_path / "pairs.jsonl"
    assert f"2 preferences written: {out}." in prefer(run, "--export", str(out))
    assert {"prompt", "chosen", "rejected"} <= json.loads(out.read_text("utf-8").splitlines()[0]).keys()
    assert "2 preferences read" in prefer(run, "--import", str(out), "--by", "team")
    assert {one.by for one in read_rankings(run)} == {"rule:house-form", "team"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--methods", "rag"], "'rag' cannot be asked here; choose from base, lora"),
        (["--by-rule", "house-form", "--export", "x.jsonl"], "give one of them"),
        (["--by", "rule:mine"], "that of a rule"),
        (["--by-rule", "best"], "no such rule"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(run: Path, options: list[str], said: str) -> None:
    from data.errors import TriviumError

    with pytest.raises(TriviumError, match=said):
        prefer(run, *options)


def test_an_unfinished_run_is_finished_first(run: Path, monkeypatch: Any) -> None:
    from data.errors import TriviumError
    from evaluation.run.folder import RunFolder

    folder = RunFolder(run)
    folder.save_record(folder.record() | {"status": "running"})
    with pytest.raises(TriviumError, match="the run is not finished"):
        prefer(run, "--export", "x.jsonl")
