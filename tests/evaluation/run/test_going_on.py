"""A run that is gone on with later: on another day, with other versions or grading rules, or without its report."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from fakes import write_domain
from typer.testing import CliRunner

from evaluation.cli.main import app
from evaluation.run.folder import RunFolder
from evaluation.run.runner import Runner

DATED = (
    "{% set today = strftime_now('%d %b %Y') %}{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'system' %}"
    "Today Date: {{ today }}\n\n{% endif %}{{ m.content }}<|end|>{% endfor %}<|assistant|>"
)


class Today(date):
    """The day on which the tests play."""

    day = (2028, 2, 28)

    @classmethod
    def today(cls) -> date:
        return date(*cls.day)


def _invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_run_that_is_gone_on_with_the_next_day_has_the_date_of_the_first(
    make_domain: Callable[..., Path], tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Path(shutil.copytree(tiny_model_folder, tmp_path / "model"))
    (model / "chat_template.jinja").write_text(DATED, encoding="utf-8")
    monkeypatch.setattr("model.chat_template.date", Today)
    finish = Runner._finish_method
    stopped: list[str] = []

    def stop_at_the_second(runner: Runner, spec: Any, *more: Any) -> None:
        if spec.name == "inject" and not stopped:
            stopped.append(spec.name)
            raise InterruptedError("stopped")
        finish(runner, spec, *more)

    monkeypatch.setattr(Runner, "_finish_method", stop_at_the_second)
    command = ["run", str(make_domain(facts=2)), "--model", str(model), "--out", str(tmp_path / "run"), "--methods",
               "base,inject", "--max-new-tokens", "2", "--device", "cpu", "--profile", "smoke"]  # fmt: skip
    assert _invoke(*command).exit_code != 0
    assert stopped == ["inject"]
    Today.day = (2028, 2, 29)
    done = _invoke("resume", str(tmp_path / "run"))
    assert done.exit_code == 0, done.output
    run = RunFolder(tmp_path / "run")
    assert {answer.method for answer in run.answers()} == {"base", "inject"}
    text = (run.path / "prompts.jsonl").read_text(encoding="utf-8")
    assert "28 Feb 2028" in text
    assert "29 Feb 2028" not in text
    checks = json.loads((run.path / "results.json").read_text(encoding="utf-8"))["audit"]["checks"]
    assert [check for check in checks if check["passed"] is False] == []


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command of a run that is finished, with a model that is a script."""
    write_domain(tmp_path / "domain", facts=2)
    (tmp_path / "script.jsonl").write_text('{"question": "Who?", "answer": "x"}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    made = ["run", "domain", "--model", "scripted:script.jsonl", "--methods", "base,inject", "--out", "run", "--device",
            "cpu", "--search-by", "words", "--profile", "smoke"]  # fmt: skip
    done = _invoke(*made)
    assert done.exit_code == 0, done.output
    return made


def _with_other_torch(status: str) -> None:
    record = RunFolder(Path("run")).record()
    record["versions"]["torch"] = "1.0"
    RunFolder(Path("run")).save_record(record | {"status": status})


def test_a_finished_run_of_other_versions_is_shown_with_them(command: list[str]) -> None:
    _with_other_torch("complete")
    before = {path: path.read_bytes() for path in Path("run").iterdir()}
    done = _invoke(*command)
    assert done.exit_code == 0, done.output
    assert "This run is finished; nothing is computed again" in done.output
    assert "It was made with other versions: torch 1.0, now 2" in done.output
    assert {path: path.read_bytes() for path in Path("run").iterdir()} == before


def test_a_stopped_run_of_other_versions_does_not_go_on(command: list[str]) -> None:
    _with_other_torch("running")
    for arguments in (command, ["resume", "run"]):
        done = _invoke(*arguments)
        assert done.exit_code != 0
        assert "begun with other versions (torch 1.0, now 2" in str(done.exception)


def test_a_finished_run_with_grades_of_other_rules_says_so_until_it_is_graded_again(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "Its answers were graded by other rules than those of today: `trivium score run` grades again."
    assert told not in _invoke(*command).output
    for place in ("grading.identity", "analysis.results"):
        monkeypatch.setattr(f"evaluation.{place}.rules_digest", lambda: "other")
    assert told in _invoke(*command).output
    assert _invoke("score", "run").exit_code == 0
    assert told not in _invoke(*command).output


@pytest.mark.parametrize("name", ["report.md", "report.html", "results.json", "scores.jsonl"])
def test_what_a_kill_left_out_at_the_end_is_made_again(command: list[str], name: str) -> None:
    kept = (Path("run") / name).read_bytes()
    (Path("run") / name).unlink()
    done = _invoke(*command)
    assert done.exit_code == 0, done.output
    assert "is finished; nothing is computed again" not in done.output
    assert len((Path("run") / name).read_bytes()) == pytest.approx(len(kept), rel=0.01)
    assert "is finished; nothing is computed again" in _invoke(*command).output
