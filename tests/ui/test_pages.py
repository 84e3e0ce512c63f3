"""Every page in every state: no runs, one that works, one that crashed, a finished one, a broken folder."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from fakes import as_version_3, saved, says_right
from streamlit.testing.v1 import AppTest

from data import jsonl
from data.errors import TriviumError
from data.load import load_domain
from data.lock import working_in
from evaluation.grading.labels import read_labels
from evaluation.report.tables import methods_table
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder
from ui.choose import Workspace
from ui.jobs import JOBS
from ui.runs_page import _delete

PAGES = ("report", "answers", "costs", "data", "runs")
Open = Callable[..., AppTest]


def _script(name: str) -> None:
    import importlib

    getattr(importlib.import_module(f"ui.{name}_page"), f"{name}_page")()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page on a folder of runs."""

    def open_page(name: str, runs: Path, **query: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", str(runs)])
        page = AppTest.from_function(_script, kwargs={"name": name}, default_timeout=60)
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return open_page


def _texts(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.text, page.info, page.success, page.warning, page.error, page.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def _job(runs: Path, out: Path, pid: int, **marks: str) -> Path:
    """A job as ui.jobs would have left it."""
    folder = runs / JOBS / "20260101-000000-abcd"
    folder.mkdir(parents=True)
    content = {"title": out.name, "arguments": ["run"], "out": str(out), "cwd": str(runs), "created": 1.0}
    (folder / "job.json").write_text(json.dumps(content), encoding="utf-8")
    created = psutil.Process(pid).create_time() if psutil.pid_exists(pid) else 0
    (folder / "process.json").write_text(json.dumps({"pid": pid, "created": created}), encoding="utf-8")
    for name, text in marks.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_no_run_yet(opened: Open, tmp_path: Path, name: str) -> None:
    (tmp_path / "runs").mkdir()
    page = opened(name, tmp_path / "runs")
    assert not page.exception
    assert not page.error
    assert any(word in _texts(page) for word in ("Start one", "Upload")), "what to do next"


@pytest.mark.parametrize("name", PAGES)
def test_a_finished_run(opened: Open, runs: Path, name: str) -> None:
    page = opened(name, runs)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("name", PAGES)
def test_a_system_of_the_users_stands_beside_the_methods(
    opened: Open, make_domain: Callable[..., Path], make_run: Any, tmp_path: Path, name: str
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
        assert list(page.dataframe[0].value["method"]) == ["base", "rag", "own:mine"]


@pytest.mark.parametrize("name", ["report", "costs"])
def test_a_run_of_version_3_is_read(opened: Open, runs: Path, name: str) -> None:
    content = as_version_3(saved(RunFolder(runs / "made-up"))) | {"schema_version": 3}
    (runs / "made-up" / "results.json").write_text(json.dumps(content), encoding="utf-8")
    page = opened(name, runs)
    assert not page.exception
    assert not page.error
    assert name == "costs" or "Harbours: 7 questions about 4 documents" in _texts(page)


@pytest.mark.parametrize("name", ["report", "answers", "costs"])
def test_a_broken_run_is_one_sentence(opened: Open, runs: Path, name: str) -> None:
    (runs / "made-up" / "results.json").write_text(json.dumps({"model": {}, "schema_version": 0}), encoding="utf-8")
    page = opened(name, runs)
    assert not page.exception
    assert "made by another version of Trivium" in page.error[0].value


def test_a_broken_run_does_not_hide_the_others(opened: Open, runs: Path) -> None:
    (runs / "broken").mkdir()
    (runs / "broken" / "run.json").write_text("{", encoding="utf-8")
    page = opened("runs", runs)
    assert not page.exception
    states = dict(zip(page.dataframe[-1].value["run"], page.dataframe[-1].value["state"], strict=True))
    assert states["made-up"] == "finished"
    assert "not valid JSON" in states["broken"]


def test_the_report_says_verdict_figures_and_causes(opened: Open, runs: Path) -> None:
    page = opened("report", runs)
    summary = saved(RunFolder(runs / "made-up"))["verdict"]["summary"]
    assert summary in _texts(page)
    tables = [frame.value for frame in page.dataframe]
    assert list(tables[0]["right"]) == ["0% of 6", "100% of 6"]
    assert list(tables[1]["rag"]) == ["2 of 2 (100%)"] * 3
    assert dict(zip(tables[2][""], tables[2]["base"], strict=True))["not known to the base model"] == "6"


def test_two_runs_are_compared(
    opened: Open, runs: Path, make_run: Any, right: Any, make_domain: Any, tmp_path: Path
) -> None:
    from data.load import load_domain

    make_run("better", load_domain(tmp_path / "domain"), {"base": right, "rag": right})
    page = opened("report", runs)
    assert page.selectbox[0].value == "better", "the newest first"
    page.selectbox[-1].select("made-up").run()
    assert not page.exception
    compared = next(f.value for f in page.dataframe if "gained" in f.value.columns)
    assert [int(n) for n in compared["gained"]] == [7, 0]
    assert list(compared["before"]) == ["0%", "100%"]


def test_answers_can_be_narrowed(opened: Open, runs: Path) -> None:
    page = opened("answers", runs)
    assert len(page.dataframe[0].value) == 7
    page.text_input[0].set_value("flag of harbour1").run()
    assert list(page.dataframe[0].value["accepted"]) == ["heron"]
    page.text_input[0].set_value("").run()
    kind = next(box for box in page.selectbox if box.label == "Kind of question")
    kind.select("held_out").run()
    assert len(page.dataframe[0].value) == 2
    page.checkbox[0].check().run()
    assert len(page.dataframe[0].value) == 2, "base is wrong on both, rag right"
    page.text_input[0].set_value("no such words").run()
    assert "No answer matches" in page.info[0].value


def test_a_sample_is_labelled_and_counted(opened: Open, runs: Path) -> None:
    page = opened("answers", runs)
    next(button for button in page.button if button.label == "Wrong").click().run()
    assert not page.exception
    (label,) = read_labels(RunFolder(runs / "made-up"))
    assert (label.correct, label.drawn) == (False, "sample")
    next(button for button in page.button if button.label.startswith("Grade again")).click().run()
    assert not page.exception
    assert "1 answers drawn by chance and labelled by a person" in _texts(page)


def test_costs_follow_the_sliders(opened: Open, runs: Path) -> None:
    page = opened("costs", runs)
    before = page.dataframe[1].value
    assert "right answer costs least with rag" in _texts(page)
    next(slider for slider in page.slider if slider.label == "Months").set_value(36).run()
    assert not page.exception
    after = page.dataframe[1].value
    assert "12 months" in before.columns
    assert "36 months" in after.columns
    assert list(before["12 months"]) != list(after["36 months"])


def test_a_domain_is_shown_with_what_each_method_could_know(opened: Open, runs: Path, tmp_path: Path) -> None:
    page = opened("data", runs)
    frame = page.dataframe[0].value.set_index("id")
    assert bool(frame.loc["flag0-q", "documents say it"]) is True
    assert bool(frame.loc["flag1-q", "training covers it"]) is False
    assert bool(frame.loc["none-q", "documents say it"]) is False
    assert "No leak" in _texts(page)


def test_drafts_are_accepted_and_rejected(opened: Open, tmp_path: Path) -> None:
    domain = tmp_path / "shop"
    (domain / "documents").mkdir(parents=True)
    (domain / "documents" / "hours.md").write_text("# Hours\n\nThe shop opens at 9.\n", encoding="utf-8")
    drafts = [
        {"id": f"draft-{n}", "question": f"When, {n}?", "answers": ["at 9"], "document_ids": ["hours.md"],
         "evidence": "The shop opens at 9.", "wordings": [], "meta": {"drafted": True}}
        for n in (1, 2)
    ]  # fmt: skip
    (domain / "drafts.jsonl").write_text("".join(json.dumps(d) + "\n" for d in drafts), encoding="utf-8")
    (tmp_path / "runs").mkdir()
    page = opened("data", tmp_path / "runs")
    next(box for box in page.text_input if box.value == "When, 1?").set_value("When does it open?").run()
    next(button for button in page.button if button.label == "Accept").click().run()
    next(button for button in page.button if button.label == "Reject").click().run()
    assert not page.exception
    (kept,) = [json.loads(line) for line in (domain / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kept["question"] == "When does it open?"
    assert kept["meta"]["edited"] is True
    assert (domain / "drafts.jsonl").read_text(encoding="utf-8") == ""


def test_a_run_that_works_is_followed(opened: Open, runs: Path) -> None:
    record = RunFolder(runs / "made-up").record()
    (runs / "made-up" / "results.json").unlink()
    record["estimate"] = {"seconds": 600}
    (runs / "made-up" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (runs / "made-up" / "adapters").mkdir()
    curve = json.dumps({"step": 1, "epoch": 1, "loss": 2.5, "learning_rate": 0.1}) + "\n"
    (runs / "made-up" / "adapters" / "seed-0.curve.jsonl").write_text(curve, encoding="utf-8")
    log = "  rag: answering 3/7, 8 s, about 9 s left\n"
    _job(runs, runs / "made-up", os.getpid(), began="", log_txt=log)
    page = opened("runs", runs)
    assert not page.exception
    text = _texts(page)
    assert "made-up" in text
    assert "running" in text
    assert "left of 10" in text
    assert "rag, none-q: unknown" in text, "the last answers"
    assert any(button.label == "Stop" for button in page.button)
    assert list(page.dataframe[-1].value["state"]) == ["running"]


def test_a_run_that_works_in_a_terminal_is_running(opened: Open, runs: Path) -> None:
    (runs / "made-up" / "results.json").unlink()
    assert list(opened("runs", runs).dataframe[-1].value["state"]) == ["stopped"]
    with working_in(runs / "made-up", "run"):
        assert list(opened("runs", runs).dataframe[-1].value["state"]) == ["running"]


def test_a_crashed_run_shows_its_last_words_and_can_be_resumed(opened: Open, runs: Path) -> None:
    (runs / "made-up" / "results.json").unlink()
    _job(runs, runs / "made-up", 2**22 + 1, began="", log_txt="one\ntwo\nMemoryError\n")
    page = opened("runs", runs)
    assert not page.exception
    assert "crashed" in _texts(page)
    assert "MemoryError" in _texts(page)
    assert any(button.label == "Resume" for button in page.button)
    next(button for button in page.button if button.label == "Dismiss").click().run()
    assert not list((runs / JOBS).glob("*/job.json"))
    assert (runs / "made-up" / "run.json").exists()


def test_a_name_that_leaves_the_workspace_is_refused(opened: Open, runs: Path) -> None:
    page = opened("runs", runs)
    next(box for box in page.text_input if box.label == "Name").set_value("../elsewhere").run()
    next(button for button in page.button if button.label == "Start").click().run()
    assert "is not a valid run name" in page.error[0].value.replace("\\", "")
    assert not (runs / JOBS).exists()


def test_the_lab_before_anything_was_taught(opened: Open, runs: Path) -> None:
    page = opened("lab", runs)
    assert not page.exception
    next(area for area in page.text_area).set_value("The quay is 62 metres long.").run()
    assert not page.exception
    next(button for button in page.button if button.label == "Train on this domain")


def test_a_training_that_was_stopped_can_go_on(opened: Open, runs: Path) -> None:
    folder = runs / ".lab" / "mine"
    (folder / "adapters").mkdir(parents=True)
    answer = {"question": "How long?", "accepted": "62", "answer": "babble", "right": False}
    (folder / "lab.json").write_text(json.dumps({"state": "training", "before": [answer]}), encoding="utf-8")
    line = {"step": 1, "epoch": 1, "loss": 2.5, "learning_rate": 0.1, "gradient": 1.0, "gradient_by_layer": [0.5, 0.1],
            "epochs": 0.5,
            "answers": [answer], "right": 0, "of": 1}  # fmt: skip
    (folder / "adapters" / "seed-0.curve.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    _job(runs, folder, 2**22 + 1, began="", stopped="", log_txt="  training, loss 2.500 1/9\n")
    page = opened("lab", runs)
    assert not page.exception
    assert "stopped before it was finished" in _texts(page)
    assert any(button.label == "Resume" for button in page.button)
    assert "babble" in page.dataframe[-1].value["answer"].tolist()


def test_the_playground_with_nothing_to_ask(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    page = opened("playground", tmp_path / "runs")
    assert not page.exception
    assert "nothing to ask yet" in _texts(page)


def _started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Arguments of the commands that the page would have started."""
    commands: list[list[str]] = []
    monkeypatch.setattr("ui.runs_page.start", lambda runs, title, arguments, out, cwd: commands.append(arguments))
    return commands


def test_the_profile_says_how_often_is_trained_unless_the_person_does(
    opened: Open, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = _started(monkeypatch)
    page = opened("runs", runs)
    next(button for button in page.button if button.label == "Start").click().run()
    next(box for box in page.number_input if box.label == "Trainings").set_value(2).run()
    next(button for button in page.button if button.label == "Start").click().run()
    assert not page.exception
    first, second = commands
    assert "--seeds" not in first
    assert second[second.index("--seeds") + 1] == "2"


def test_a_prediction_that_takes_too_long_is_a_sentence_and_the_rest_of_the_page_stays(
    opened: Open, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.runs_page.PREDICTING_S", 0.01)
    page = opened("runs", runs)
    next(button for button in page.button if button.label == "Predict time and cost").click().run()
    assert not page.exception
    assert "was stopped" in page.error[0].value
    assert list(page.dataframe[-1].value["run"]) == ["made-up"]


def test_a_sample_with_answers_of_a_second_training_is_labelled(
    opened: Open, runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    """The table shows the first training alone; the sample is drawn from all."""
    from data.load import load_domain

    folder = make_run("twice", load_domain(tmp_path / "domain"), {"lora": right})
    rows = [json.loads(row) for row in (folder.path / "answers.jsonl").read_text("utf-8").splitlines()]
    scores = [json.loads(row) for row in (folder.path / "scores.jsonl").read_text("utf-8").splitlines()]
    for row in (*rows, *scores):
        row["seed"] = 1
    for row in rows:
        row["answer"] = f"second {row['answer']}"
    jsonl.append(folder.path / "answers.jsonl", rows)
    jsonl.append(folder.path / "scores.jsonl", scores)
    page = opened("answers", runs)
    next(box for box in page.number_input if box.label == "Sample size").set_value(500).run()
    for _ in range(40):
        if not (button := next((b for b in page.button if b.label == "Right"), None)):
            break
        button.click().run()
        assert not page.exception
    labels = read_labels(RunFolder(runs / "twice"))
    assert any(label.answer.startswith("second ") for label in labels)


def test_a_run_that_is_gone_is_said_to_be_gone(opened: Open, runs: Path) -> None:
    """A shared address never shows another run's verdict."""
    page = opened("report", runs, run="gone")
    assert not page.exception
    assert "no finished run named 'gone'" in _texts(page)
    assert not page.dataframe
    page.selectbox[0].select("made-up").run()
    assert page.dataframe


def test_a_damaged_file_of_a_run_is_a_sentence(opened: Open, runs: Path) -> None:
    scores = runs / "made-up" / "scores.jsonl"
    scores.write_text(scores.read_text(encoding="utf-8").split("\n", 1)[1], encoding="utf-8")
    page = opened("answers", runs)
    assert not page.exception
    assert "makes it again from the saved answers" in page.error[0].value


def test_a_deleted_run_takes_its_jobs_along(runs: Path) -> None:
    _job(runs, runs / "made-up", 2**22 + 1, began="", log_txt="MemoryError\n")
    _delete(Workspace(runs), runs / "made-up")
    assert not (runs / "made-up").exists()
    assert not list((runs / JOBS).glob("*/job.json"))


@pytest.mark.parametrize("name", ["elsewhere", "runs/deep/er"])
def test_only_runs_of_the_workspace_are_deleted(runs: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TriviumError, match="is not a run of this workspace"):
        _delete(Workspace(runs), tmp_path / name)
    assert (tmp_path / name / "run.json").exists()


def _pick() -> None:
    import pandas as pd
    import streamlit as st

    from ui.choose import pick_line

    shown = st.text_input("Contains")
    frame = pd.DataFrame({"word": [word for word in ("ant", "bee", "cat") if shown in word]})
    st.text(f"chosen: {pick_line(frame, list(frame['word']), 'words')}")


def test_a_table_with_other_lines_is_another_table() -> None:
    """So that what was chosen by its number is never taken for what stands there now."""
    page = AppTest.from_function(_pick).run()
    before = page.dataframe[0].proto.id
    page.text_input[0].set_value("c").run()
    assert not page.exception
    assert page.dataframe[0].proto.id != before
    page.text_input[0].set_value("").run()
    assert page.dataframe[0].proto.id == before


def test_every_entry_of_the_menu_leads_to_a_page() -> None:
    from importlib import import_module

    from ui.app import ENTRIES

    assert [entry.address for entry in ENTRIES] == ["report", "answers", "costs", "data", "runs", "playground", "lab"]
    assert all(callable(getattr(import_module(entry.module), entry.function)) for entry in ENTRIES)


def test_what_an_upload_brought_is_said_beside_the_domain_that_it_went_to(opened: Open, runs: Path) -> None:
    page = opened("data", runs)
    page.session_state["upload_said"] = [("success", "shop: 1 document and 0 questions added.")]
    page.run()
    assert "1 document and 0 questions added" in page.success[0].value.replace("\\", "")
    assert "upload_said" not in page.session_state


def _edit(folder: str, identity: str) -> None:
    from pathlib import Path

    from data.load import load_domain
    from ui.data_page import _open

    domain = load_domain(Path(folder))
    _open(domain, next(question for question in domain.questions if question.id == identity))


def _edited(folder: Path, identity: str, text: str) -> AppTest:
    """The form of a question after another wording was saved."""
    page = AppTest.from_function(_edit, kwargs={"folder": str(folder), "identity": identity}, default_timeout=60).run()
    page.text_input[0].set_value(text)
    return page.button[0].click().run()


def test_a_question_of_a_csv_file_is_edited(tmp_path: Path) -> None:
    from data.load import load_domain

    (tmp_path / "shop" / "documents").mkdir(parents=True)
    (tmp_path / "shop" / "documents" / "hours.md").write_text("# Hours\n\nThe shop opens at 9.\n", encoding="utf-8")
    table = 'question,answer,note\n"When, and where, does it open?",at 9,"kept, too"\nWho opens it?,Ann,\n'
    (tmp_path / "shop" / "questions.csv").write_text(table, encoding="utf-8")
    first = load_domain(tmp_path / "shop").questions[0]
    page = _edited(tmp_path / "shop", first.id, "At what time, pray, does it open?")
    assert not page.exception
    after = load_domain(tmp_path / "shop").questions
    assert [question.question for question in after] == ["At what time, pray, does it open?", "Who opens it?"]
    assert after[0].id == first.id
    assert "kept, too" in (tmp_path / "shop" / "questions.csv").read_text(encoding="utf-8")


def test_a_training_wording_of_its_own_file_is_edited(make_domain: Any) -> None:
    from data.load import TRAINING, load_domain

    folder = make_domain()
    own = {"id": "flag0-t9", "question": "Which beast has Harbour0?", "split": "train", "answers": ["otter"]}
    own |= {"fact_id": "flag0", "document_ids": ["Harbour0.md"]}
    (folder / TRAINING).write_text(json.dumps(own) + "\n", encoding="utf-8")
    page = _edited(folder, "flag0-t9", "Which animal has Harbour0?")
    assert not page.exception
    changed = next(question for question in load_domain(folder).questions if question.id == "flag0-t9")
    assert changed.question == "Which animal has Harbour0?"


def test_each_column_of_the_main_table_explains_itself(opened: Open, runs: Path) -> None:
    table = methods_table(read_results(RunFolder(runs / "made-up")))
    helps = {column.name: column.help for column in table.columns if column.help}
    assert len(helps) > 5
    shown = json.loads(opened("report", runs).dataframe[0].proto.columns)
    assert {name: shown[name].get("help") for name in helps} == helps
