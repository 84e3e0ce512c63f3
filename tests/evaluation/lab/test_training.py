"""A watched training on the tiny model: what is told is what happened."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import LAB_SENTENCES

from evaluation.run.folder import LAB


def test_every_step_is_told_with_its_gradients(trained: tuple[Path, dict[str, Any]]) -> None:
    _, record = trained
    curve = record["training"]["curve"]
    assert [line["step"] for line in curve] == [1, 2, 3, 4, 5]
    assert all(len(line["gradient_by_layer"]) == 2 for line in curve)
    for line in curve:
        whole = sum(norm**2 for norm in line["gradient_by_layer"]) ** 0.5
        assert whole == pytest.approx(min(line["gradient"], 1.0), rel=1e-3), "clipped to 1, all of it in the layers"
    assert [line["step"] for line in curve if "answers" in line] == [1, 2, 4]
    assert [line["epochs"] for line in curve] == [1, 2, 3, 4, 5], "six examples are one step an epoch"
    assert curve[-1]["loss"] < curve[0]["loss"]


def test_the_frozen_model_stays_and_the_adapter_moves(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, record = trained
    assert record["fingerprint_before"] == record["fingerprint_after"]
    assert [row["layer"] for row in record["moved"]] == [0, 1]
    assert all(0 < row["added"] < row["base"] for row in record["moved"])
    assert json.loads((folder / LAB).read_text(encoding="utf-8"))["state"] == "complete"


def test_the_valley_begins_and_ends_at_losses_that_were_measured(trained: tuple[Path, dict[str, Any]]) -> None:
    _, record = trained
    deep, apart, rates = record["valley"], record["apart"], record["rates"]
    at = dict(zip(deep["steps"], deep["along"], strict=True))
    across = dict(zip(deep["steps"], deep["across"], strict=True))
    assert at[0.0] == pytest.approx(apart["loss_before"], rel=1e-5)
    assert across[0.0] == pytest.approx(at[0.0], rel=1e-6)
    assert at[1.0] < at[0.0], "the adapter as it was trained"
    along = dict(zip(rates["steps"], rates["along"], strict=True))
    assert along[1.0] == pytest.approx(apart["loss_after"], rel=1e-4), "the step itself"
    path = record["path"]
    assert [point["step"] for point in path] == [1, 2, 4]
    assert 0 < path[0]["along"] < path[1]["along"] < path[2]["along"] <= 1.05
    assert all(0 <= point["across"] < 1 for point in path)
    assert path[-1]["loss"] < path[0]["loss"] <= apart["loss_before"] * 1.01


def test_the_command_trains_typed_sentences_and_goes_on(tiny_model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "five.txt").write_text("\n".join(LAB_SENTENCES) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "evaluation", "train", "five.txt", "--out", "mine", "--model",
               str(tiny_model_folder), "--epochs", "3", "--watch", "--device", "cpu"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "step 2: gradient" in done.stdout
    assert "base weights frozen, unchanged bit for bit" in done.stdout
    record = json.loads((tmp_path / "mine" / LAB).read_text(encoding="utf-8"))
    assert record["state"] == "complete"
