"""The soak ends by itself, and says what broke."""

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import write_domain
from typer.testing import CliRunner

from benchmarks.soak import broken, growth, main, newest_run
from data.errors import TriviumError

GOOD: dict[str, Any] = {
    "outcomes": {"200": 5, "429": 7}, "differ_from_the_run": 0, "slow_streams": 2, "slow_streams_whole": 2,
    "memory": [1] * 60, "memory_growth": 0.05,
}  # fmt: skip


def test_growth_is_counted_from_after_the_warm_up() -> None:
    assert growth([1] * 20 + [100] * 70 + [103] * 10) == pytest.approx(0.03)
    assert growth([500] * 20 + [100] * 80) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"outcomes": {"200": 5, "504": 2}}, ["2 requests ended in 504"]),
        ({"outcomes": {"APIConnectionError": 1}}, ["1 requests ended in APIConnectionError"]),
        ({"differ_from_the_run": 3}, ["3 answers are not the run's"]),
        ({"slow_streams_whole": 1}, ["1 streams of the slow reader have no end"]),
        ({"memory_growth": 0.051}, ["memory grew by 5.1%"]),
        ({"memory_growth": 0.9, "memory": [1] * 59}, []),
    ],
)
def test_what_may_not_be_is_said(changed: dict[str, Any], said: list[str]) -> None:
    assert broken(GOOD | changed) == said


def test_the_newest_run_is_taken(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no finished run here"):
        newest_run(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "results.json").touch()
    assert newest_run(tmp_path) == tmp_path / "mine"


@pytest.mark.slow
def test_a_short_one_on_a_tiny_model(tiny_model_folder: Path, tmp_path: Path) -> None:
    from evaluation.cli.main import app

    run = tmp_path / "run"
    options = ["--max-new-tokens", "6", "--general", "0", "--device", "cpu", "--methods", "base", "--profile", "smoke"]
    made = CliRunner().invoke(
        app, ["run", str(write_domain(tmp_path / "d")), "--out", str(run), "--model", str(tiny_model_folder), *options]
    )
    assert made.exit_code == 0, made.output
    out = tmp_path / "soak.json"
    short = ["--method", "base", "--clients", "10", "--minutes", "0.08", "--alone", "0.03", "--out", str(out)]
    assert main([str(run), *short]) == 0
    alone, many = json.loads(out.read_text(encoding="utf-8"))["loads"]
    assert (alone["clients"], many["clients"]) == (1, 10)
    assert alone["outcomes"].keys() == {"200"}
    assert many["outcomes"]["200"] >= 10
    assert many["left"] > 0
    assert many["slow_streams_whole"] == many["slow_streams"] > 0
