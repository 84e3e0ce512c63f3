"""Runs: started with any option, followed step by step, stopped, resumed, deleted."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.errors import TriviumError
from data.lock import working_in
from evaluation.jobs.job import JOBS
from evaluation.run.folder import RunFolder
from ui.run.folders import delete
from ui.workspace import Workspace

Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]
Button = Callable[[AppTest, str], Any]
Job = Callable[..., Path]
GONE = 2**22 + 1  # no process has this number


def test_a_broken_run_does_not_hide_the_others(opened: Open, runs: Path) -> None:
    (runs / "broken").mkdir()
    (runs / "broken" / "run.json").write_text("{", encoding="utf-8")
    page = opened("runs", runs)
    assert not page.exception
    states = dict(zip(page.dataframe[-1].value["run"], page.dataframe[-1].value["state"], strict=True))
    assert states["made-up"] == "finished"
    assert "not valid JSON" in states["broken"]


def test_a_run_that_works_is_followed_step_by_step(opened: Open, texts: Texts, runs: Path, make_job: Job) -> None:
    folder = RunFolder(runs / "made-up")
    record = folder.record()
    (runs / "made-up" / "results.json").unlink()
    record["estimate"] = {"seconds": 600, "methods": {
        "base": {"prepare_s": 0.0, "answer_s": 60.0, "answers": 7},
        "rag": {"prepare_s": 0.0, "answer_s": 540.0, "answers": 28},
    }}  # fmt: skip
    record["methods"]["rag"]["0"]["complete"] = False
    folder.save_record(record)
    (runs / "made-up" / "adapters").mkdir()
    curve = json.dumps({"step": 1, "epoch": 1, "loss": 2.5, "learning_rate": 0.1}) + "\n"
    (runs / "made-up" / "adapters" / "seed-0.curve.jsonl").write_text(curve, encoding="utf-8")
    make_job(runs, runs / "made-up", os.getpid(), began="", log_txt="  rag: answering 7/28, 8 s, about 9 s left\n")
    page = opened("runs", runs)
    assert not page.exception
    text = texts(page)
    assert "made-up" in text
    assert "running" in text
    assert ":material/check_circle: base 7 answers" in text
    assert ":material/play_circle: rag 7 of 28 answers" in text
    assert ":material/radio_button_unchecked: Grades and report" in text
    assert "rag: Who paints the flags?\n  unknown" in text, "the last answers"
    assert any(button.label == "Stop" for button in page.button)
    assert list(page.dataframe[-1].value["state"]) == ["running"]


def test_a_run_that_works_in_a_terminal_is_running(opened: Open, runs: Path) -> None:
    (runs / "made-up" / "results.json").unlink()
    assert list(opened("runs", runs).dataframe[-1].value["state"]) == ["stopped"]
    with working_in(runs / "made-up", "run"):
        assert list(opened("runs", runs).dataframe[-1].value["state"]) == ["running"]


def test_a_crashed_run_shows_its_last_words_and_can_be_resumed(
    opened: Open, texts: Texts, button: Button, runs: Path, make_job: Job
) -> None:
    (runs / "made-up" / "results.json").unlink()
    make_job(runs, runs / "made-up", GONE, began="", log_txt="one\ntwo\nMemoryError\n")
    page = opened("runs", runs)
    assert not page.exception
    assert "crashed" in texts(page)
    assert "MemoryError" in texts(page)
    assert button(page, "Resume")
    button(page, "Dismiss").click().run()
    assert not list((runs / JOBS).glob("*/job.json"))
    assert (runs / "made-up" / "run.json").exists()


def test_a_finished_run_leads_to_its_report_until_somebody_went_there(
    opened: Open, button: Button, runs: Path, make_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[tuple[str, str]] = []
    monkeypatch.setattr("ui.run.panel.go", lambda page, run: gone.append((page, run)))
    make_job(runs, runs / "made-up", GONE, began="", ended="0")
    page = opened("runs", runs)
    assert not page.exception
    button(page, "Open the report").click().run()
    assert gone == [("report", "made-up")]
    assert not list((runs / JOBS).glob("*/job.json"))


def test_a_prediction_is_a_job_and_says_what_it_found(
    opened: Open, texts: Texts, button: Button, runs: Path, make_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr("ui.run.prediction.start", lambda runs, title, arguments, out, cwd: commands.append(arguments))
    page = opened("runs", runs, start="true")
    next(box for box in page.number_input if box.label == "Trainings").set_value(2).run()
    next(box for box in page.text_area if box.label == "Method").set_value("mine=http://localhost:1/ask").run()
    button(page, "Predict time and cost").click().run()
    assert not page.exception
    (command,) = commands
    assert command[0] == "check"
    assert command[command.index("--seeds") + 1] == "2"
    assert "--method" not in command, "how long a user's own system takes cannot be known"
    row = {"prepare_s": 60.0, "answer_s": 120.0}
    found = {"estimate": {"seconds": 180.0, "prompt_tokens": 1000, "usd": 0.01, "methods": {"rag": row}}}
    log = "  loading\n" + json.dumps(found | {"warnings": ["<b>too few</b>"]}, indent=1)
    make_job(runs, runs.parent / "domain", GONE, "check", began="", ended="0", log_txt=log)
    page = opened("runs", runs)
    assert not page.exception
    assert "about 3 minutes" in texts(page)
    assert "warning: <b>too few</b>" in texts(page)


def test_a_name_that_leaves_the_workspace_is_refused_and_the_rest_of_the_page_stays(
    opened: Open, button: Button, runs: Path
) -> None:
    page = opened("runs", runs, start="true")
    next(box for box in page.text_input if box.label == "Name of the run").set_value("../elsewhere").run()
    button(page, "Start").click().run()
    assert "is not a valid run name" in page.error[0].value.replace("\\", "")
    assert not (runs / JOBS).exists()
    assert list(page.dataframe[-1].value["run"]) == ["made-up"]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Arguments of the runs that the form would have started."""
    found: list[list[str]] = []
    monkeypatch.setattr("evaluation.jobs.runs.start", lambda runs, title, arguments, out, cwd: found.append(arguments))
    return found


def test_the_profile_says_how_often_is_trained_unless_the_person_does(
    opened: Open, button: Button, runs: Path, commands: list[list[str]]
) -> None:
    page = opened("runs", runs, start="true")
    button(page, "Start").click().run()
    next(box for box in page.number_input if box.label == "Trainings").set_value(2).run()
    button(page, "Start").click().run()
    assert not page.exception
    first, second = commands
    assert "--seeds" not in first
    assert second[second.index("--seeds") + 1] == "2"


def test_any_option_of_the_command_can_be_chosen_and_what_is_left_alone_is_not_passed_on(
    opened: Open, button: Button, runs: Path, commands: list[list[str]]
) -> None:
    page = opened("runs", runs, start="true")
    next(box for box in page.number_input if box.label == "Top k").set_value(4).run()
    next(box for box in page.selectbox if box.label == "Search by").select("words").run()
    next(box for box in page.selectbox if box.label == "Merge adapter").select("no").run()
    button(page, "Start").click().run()
    assert not page.exception
    (command,) = commands
    assert command[command.index("--top-k") + 1] == "4"
    assert command[command.index("--search-by") + 1] == "words"
    assert "--no-merge-adapter" in command
    assert "--chunk-tokens" not in command


def test_a_deleted_run_takes_its_jobs_along(runs: Path, make_job: Job) -> None:
    make_job(runs, runs / "made-up", GONE, began="", log_txt="MemoryError\n")
    delete(Workspace(runs), runs / "made-up")
    assert not (runs / "made-up").exists()
    assert not list((runs / JOBS).glob("*/job.json"))


@pytest.mark.parametrize("name", ["elsewhere", "runs/deep/er"])
def test_only_runs_of_the_workspace_are_deleted(runs: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TriviumError, match="is not a run of this workspace"):
        delete(Workspace(runs), tmp_path / name)
    assert (tmp_path / name / "run.json").exists()
