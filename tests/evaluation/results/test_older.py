"""A run of an earlier version opens everywhere, with the figures that it had."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import as_version_3, as_version_4, saved
from typer.testing import CliRunner

from data.errors import TriviumError
from data.schema import Domain
from evaluation.analysis.compare import compare_runs
from evaluation.analysis.gate import missed
from evaluation.cli.main import app
from evaluation.report.render import render
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


@pytest.fixture
def older(make_run: Callable[..., RunFolder], domain: Domain, right: Any) -> RunFolder:
    folder = make_run("older", domain, {"base": lambda question: "a stone", "rag": right, "lora": right})
    content = as_version_3(as_version_4(saved(folder))) | {"schema_version": 3}
    (folder.path / "results.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_fixture_is_not_of_today(older: RunFolder) -> None:
    assert "outcomes" not in saved(older)["methods"]["rag"]["overall"]


def test_figures_stay_and_what_was_not_recorded_is_none(older: RunFolder) -> None:
    before, read = saved(older), read_results(older)
    assert read.schema_version == 5
    for name, method in read.methods.items():
        old = before["methods"][name]
        assert (method.kind, method.adapted) == (
            ("yardstick", False) if name == "base" else ("candidate", name == "lora")
        )
        cell, outcomes = method.overall, method.overall.outcomes
        assert [cell.correct, cell.wrong, cell.abstained] == [
            old["overall"][k] for k in ("correct", "wrong", "abstained")
        ]
        assert outcomes.right.rate == old["overall"]["accuracy"]
        assert outcomes.wrong.rate == old["overall"]["wrong"] / 6
        assert outcomes.wrong.ci_low is None, "version 3 had no interval of it"
        assert outcomes.wrong.n == 6
    assert read.grader.public is None, "an old run was graded by the grader of its time"


def test_version_4_keeps_its_words_and_says_that_its_intervals_are_single_ones(
    make_run: Callable[..., RunFolder], domain: Domain, right: Any
) -> None:
    folder = make_run("four", domain, {"rag": right, "lora": right, "inject": right})
    content = as_version_4(saved(folder)) | {"schema_version": 4}
    content["verdict"] |= {"summary": "rag answers best here.", "recommended": "rag"}
    (folder.path / "results.json").write_text(json.dumps(content), encoding="utf-8")
    read = read_results(folder)
    assert (read.verdict.summary, read.verdict.recommended) == ("rag answers best here.", "rag")
    assert (read.verdict.decided_by, read.verdict.badge.how) == ("right answers", "sure")
    assert read.contrasts
    assert {(row.outcome, row.simultaneous) for row in read.contrasts} == {("right", False)}
    assert read.costs.methods["rag"].total_error >= 0
    assert read.coverage is None
    assert "Made by an earlier version: intervals are single ones" in render(folder, "md")
    content["verdict"]["recommended"] = None
    (folder.path / "results.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_results(folder).verdict.badge.how == "open"


def test_it_opens_in_report_compare_and_gate(older: RunFolder, make_run: Any, domain: Domain, right: Any) -> None:
    for form in ("html", "md", "csv", "json"):
        assert "rag" in render(older, form)
    assert "EVOUNA" not in render(older, "md")
    newer = make_run("newer", domain, {"rag": right})
    assert compare_runs(older, newer).methods["rag"].difference == 0
    assert missed(read_results(older), {"rag.accuracy": 0.9, "base.accuracy": 0.9}) == [
        "base.accuracy is 0, required: at least 0.9"
    ]


def test_scoring_again_brings_it_to_today(older: RunFolder) -> None:
    before = read_results(older)
    done = CliRunner().invoke(app, ["score", str(older.path)])
    assert done.exit_code == 0, done.output
    assert saved(older)["schema_version"] == 5
    after = read_results(older)
    assert after.methods["rag"].overall.accuracy == before.methods["rag"].overall.accuracy
    assert after.methods["base"].overall.outcomes.wrong.ci_low is not None


def test_the_curve_of_a_training_is_found_beside_its_adapter(older: RunFolder) -> None:
    record = saved(older)
    record["methods"]["lora"]["training"] = {"seconds": 2.0}
    (older.path / "results.json").write_text(json.dumps(record), encoding="utf-8")
    kept = older.path / "adapters" / "seed-0"
    kept.mkdir(parents=True)
    (kept / "training.json").write_text(json.dumps({"curve": [{"step": 1, "loss": 2.5, "epoch": 1}]}), encoding="utf-8")
    training = read_results(older).methods["lora"].training
    assert training
    assert [(point.step, point.loss) for point in training.curve] == [(1, 2.5)]


@pytest.mark.parametrize("version", [None, 2, 6])
def test_another_version_is_refused_with_a_remedy(older: RunFolder, version: int | None) -> None:
    (older.path / "results.json").write_text(json.dumps({"schema_version": version}), encoding="utf-8")
    with pytest.raises(TriviumError, match=r"made by another version of Trivium.*trivium score"):
        read_results(older)


def test_a_damaged_file_names_its_place(older: RunFolder) -> None:
    path = older.path / "results.json"
    for content in (saved(older), read_results(older).model_dump(mode="json")):
        content["methods"]["rag"]["overall"]["n"] = "many"
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(TriviumError, match=r"results\.json: .*trivium score") as told:
            read_results(older)
    assert "methods.rag.overall.n" in str(told.value)


def test_a_run_that_is_not_finished_and_no_run_at_all(older: RunFolder, tmp_path: Path) -> None:
    (older.path / "results.json").unlink()
    with pytest.raises(TriviumError, match="trivium resume"):
        read_results(older)
    with pytest.raises(TriviumError, match="no run here"):
        read_results(RunFolder(tmp_path))
