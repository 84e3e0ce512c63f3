"""The lab before anything was taught, and a training that was stopped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


def test_before_anything_was_taught(
    opened: Callable[..., AppTest], button: Callable[[AppTest, str], Any], runs: Path
) -> None:
    page = opened("lab", runs)
    assert not page.exception
    next(area for area in page.text_area).set_value("The quay is 62 metres long.").run()
    assert not page.exception
    assert button(page, "Train on this domain")


def test_a_training_that_was_stopped_can_go_on(
    opened: Callable[..., AppTest], texts: Callable[[AppTest], str], button: Callable[[AppTest, str], Any],
    make_job: Callable[..., Path], runs: Path,
) -> None:  # fmt: skip
    folder = runs / ".lab" / "mine"
    (folder / "adapters").mkdir(parents=True)
    answer = {"question": "How long?", "accepted": "62", "answer": "babble", "right": False}
    (folder / "lab.json").write_text(json.dumps({"state": "training", "before": [answer]}), encoding="utf-8")
    line = {"step": 1, "epoch": 1, "loss": 2.5, "learning_rate": 0.1, "gradient": 1.0, "gradient_by_layer": [0.5, 0.1],
            "epochs": 0.5, "answers": [answer], "right": 0, "of": 1}  # fmt: skip
    (folder / "adapters" / "seed-0.curve.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    make_job(runs, folder, 2**22 + 1, began="", stopped="", log_txt="  training, loss 2.500 1/9\n")
    page = opened("lab", runs)
    assert not page.exception
    assert "stopped before it was finished" in texts(page)
    assert button(page, "Resume")
    assert "babble" in page.dataframe[-1].value["answer"].tolist()


def test_a_prefix_can_be_chosen_and_has_no_rate_to_set(
    opened: Callable[..., AppTest], button: Callable[[AppTest, str], Any], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr("ui.lab.teach.start", lambda runs, title, arguments, out, cwd: told.append(list(arguments)))
    page = opened("lab", runs)
    rates = len(page.selectbox)
    next(one for one in page.segmented_control if one.label == "What is trained").set_value("prefix").run()
    assert not page.exception
    assert len(page.selectbox) == rates - 1, "the learning rate has gone"
    next(one for one in page.number_input if one.label == "Virtual tokens").set_value(12).run()
    button(page, "Teach these sentences").click().run()
    (arguments,) = told
    assert arguments[-2:] == ["--prefix-tokens", "12"]
    assert "--learning-rate" not in arguments
