"""A run that was stopped, at whatever phase, goes on from the app and ends as if nobody had stopped it."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWords, add_special_questions, saved, write_domain
from streamlit.testing.v1 import AppTest

from data.files import write_json
from evaluation.cli.main import main
from evaluation.jobs.job import JOBS
from evaluation.run.folder import RunFolder

METHODS = "base,inject,rag,lora"


class Stopped(BaseException):
    """The command ends here and now; nothing in the product expects this."""


class Phases:
    """Stands for what the terminal shows: notes each phase, and ends the command where a new one begins."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from evaluation.cli.display import Display

        self.seen: list[str] = []
        self.stops = False
        shown = Display.__call__

        def show(display: Display, step: str, done: int = 0, total: int = 0) -> None:
            shown(display, step, done, total)
            phase = f"{display.scope}: {step.partition(', loss')[0]}"
            if phase not in self.seen:
                self.seen.append(phase)
                if self.stops:
                    raise Stopped(phase)

        monkeypatch.setattr(Display, "__call__", show)


def _trivium(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["trivium", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0


def _answers(run: Path) -> list[dict[str, Any]]:
    """What was answered, without what was measured meanwhile."""
    kept = ("method", "seed", "phase", "question_id", "batch", "answer", "prompt_sha256", "adapter")
    return [{key: getattr(answer, key) for key in kept} for answer in RunFolder(run).answers()]


def _stopped_job(runs: Path, run: Path) -> None:
    folder = runs / JOBS / "20260101-000000-abcd"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    about = {"title": run.name, "arguments": ["run"], "out": str(run), "cwd": str(runs.parent), "created": 1.0}
    write_json(folder / "job.json", about)
    (folder / "stopped").touch()


def _resumed(opened: Callable[..., AppTest], runs: Path, commands: list[list[str]]) -> list[str]:
    """The command that the app's button starts."""
    page = opened("runs", runs)
    assert not page.exception
    assert not page.error
    next(button for button in page.button if button.label == "Resume").click().run()
    return commands[-1]


@pytest.mark.slow
def test_a_run_that_is_stopped_at_every_phase_goes_on_from_the_app(
    opened: Callable[..., AppTest], tiny_reader_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = add_special_questions(write_domain(tmp_path / "domain", facts=3))
    runs = tmp_path / "runs"
    commands: list[list[str]] = []
    monkeypatch.setattr("evaluation.jobs.runs.start", lambda runs, title, command, out, cwd: commands.append(command))
    monkeypatch.setattr("evaluation.run.runner.SentenceEmbedder", lambda name, device: BagOfWords())
    arguments = ["run", str(domain), "--model", str(tiny_reader_folder), "--methods", METHODS, "--epochs", "1"]
    arguments += ["--max-new-tokens", "2", "--chunk-tokens", "60", "--device", "cpu", "--search-by", "words"]
    phases = Phases(monkeypatch)
    _trivium(monkeypatch, [*arguments, "--out", str(runs / "straight")])
    straight, phases.seen, phases.stops = phases.seen, [], True
    shutil.rmtree(os.environ["TRIVIUM_CACHE"], ignore_errors=True)  # else the second run finds the adapter there
    command = [*arguments, "--out", str(runs / "stopped")]
    stopped: list[str] = []
    while True:
        try:
            _trivium(monkeypatch, command)
            break
        except Stopped as phase:
            stopped.append(str(phase))
        if (runs / "stopped" / "run.json").exists():
            _stopped_job(runs, runs / "stopped")
            command = _resumed(opened, runs, commands)
    assert set(straight) <= set(stopped), "a phase went by without a stop"
    assert _answers(runs / "stopped") == _answers(runs / "straight")
    first, second = (saved(RunFolder(runs / name))["methods"]["rag"]["plain"] for name in ("straight", "stopped"))
    assert first == second
