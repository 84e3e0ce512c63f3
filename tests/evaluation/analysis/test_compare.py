"""Two runs paired by question, and thresholds that stop a release."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data.errors import CheckFailed, TriviumError
from data.load import load_domain
from data.schema import Question
from evaluation.analysis.compare import compare_runs
from evaluation.analysis.gate import missed, parse_threshold
from evaluation.cli.main import app
from evaluation.report.finish import grade_again
from evaluation.results.file import read_results, write_results
from evaluation.run.folder import RunFolder


@pytest.fixture
def two(make_domain: Any, make_run: Any, right: Any) -> tuple[RunFolder, RunFolder]:
    """Before: all right but the first question. After: all right but the second."""
    domain = load_domain(make_domain())
    ids: list[str] = []

    def but(place: int) -> Any:
        def say(question: Question) -> str:
            if question.answers and question.id not in ids:
                ids.append(question.id)
            return "a stone" if question.answers and ids.index(question.id) == place else right(question)

        return say

    return make_run("before", domain, {"rag": but(0)}), make_run("after", domain, {"rag": but(1)}, top_k=5)


def test_flips_both_ways_are_listed(two: tuple[RunFolder, RunFolder]) -> None:
    found = compare_runs(*two)
    row = found.methods["rag"]
    assert row.n_pairs == 6
    assert row.accuracy_before == row.accuracy_after == pytest.approx(5 / 6)
    assert row.difference == 0
    assert row.ci_low < 0 < row.ci_high
    assert [len(flips) for flips in (row.gained, row.lost)] == [1, 1]
    assert row.gained[0].before == row.lost[0].after == "a stone"
    assert found.settings_changed == {"top_k": (2, 5)}


def test_inputs_that_are_others_are_named(two: tuple[RunFolder, RunFolder], make_run: Any, right: Any) -> None:
    domain = load_domain(Path(two[0].record()["settings"]["domain"]))
    longer = [d.model_copy(update={"text": f"{d.text} More."}) for d in domain.documents[:1]]
    other = make_run("other", domain.with_documents([*longer, *domain.documents[1:]]), {"rag": right})
    assert compare_runs(two[0], other).inputs_changed == ["1 document changed (Harbour0.md)"]
    done = CliRunner().invoke(app, ["compare", str(two[0].path), str(other.path)])
    assert "Inputs differ: 1 document changed (Harbour0.md)" in done.output
    assert compare_runs(*two).inputs_changed == []


def test_grades_of_other_rules_are_not_compared(two: tuple[RunFolder, RunFolder]) -> None:
    results = read_results(two[0])
    older = results.model_copy(update={"grader": results.grader.model_copy(update={"rules": "an earlier version"})})
    write_results(two[0], older)
    with pytest.raises(TriviumError, match=r"graded by different rules.*trivium score"):
        compare_runs(*two)
    grade_again(two[0])
    assert compare_runs(*two).methods["rag"].n_pairs == 6


def test_the_command_says_what_it_could_have_seen(two: tuple[RunFolder, RunFolder]) -> None:
    done = CliRunner().invoke(app, ["compare", str(two[0].path), str(two[1].path)])
    assert "83% to 83% of 6 answerable questions, +0 points" in done.output
    assert "too close to call: only a gap of" in done.output
    assert "1 gained, 1 lost, 0 unpaired" in done.output
    assert "Settings differ: top_k was 2, is 5" in done.output
    as_json = CliRunner().invoke(app, ["compare", str(two[0].path), str(two[1].path), "--json"])
    assert json.loads(as_json.stdout)["methods"]["rag"]["n_pairs"] == 6


def test_runs_that_share_nothing_are_refused(two: tuple[RunFolder, RunFolder], make_run: Any, right: Any) -> None:
    domain = load_domain(Path(__file__).parents[3] / "data" / "orrin_ferries")
    other = make_run("other", domain, {"rag": right}, profile="smoke")
    with pytest.raises(TriviumError, match="no method answered the same question in both"):
        compare_runs(two[0], other)


@pytest.mark.parametrize(
    ("name", "threshold", "sentence"),
    [
        ("rag.accuracy", 0.8, None),
        ("rag.accuracy", 0.9, "rag.accuracy is 0.8333, required: at least 0.9"),
        ("rag.paraphrased.accuracy", 0.4, None),
        ("rag.ci_low", 0.9, "rag.ci_low is"),
        ("rag.usd_per_query", 1.0, None),
        ("rag.usd_per_query", 1e-9, "required: at most 1e-09"),
        ("rag.unanswerable_refused", 1.0, None),
        ("rag.latency_p95", 2.0, "rag.latency_p95 was not measured"),
        ("grader.kappa", 0.7, "grader.kappa was not measured"),
    ],
)
def test_thresholds(two: tuple[RunFolder, RunFolder], name: str, threshold: float, sentence: str | None) -> None:
    found = missed(read_results(two[0]), {name: threshold})
    assert found == [] if sentence is None else sentence in found[0]


@pytest.mark.parametrize("name", ["lora.accuracy", "rag.speed", "rag.nothing.accuracy", "accuracy", "grader.f1"])
def test_a_figure_that_is_not_there_is_an_error(two: tuple[RunFolder, RunFolder], name: str) -> None:
    with pytest.raises(TriviumError, match="which this run does not have"):
        missed(read_results(two[0]), {name: 0.5})


@pytest.mark.parametrize("text", ["rag.accuracy", "rag.accuracy=", "rag.accuracy=high", "a.b=nan", "a.b=inf", "a.b=-1"])
def test_a_threshold_needs_a_number(text: str) -> None:
    with pytest.raises(TriviumError, match="write FIGURE=NUMBER"):
        parse_threshold(text)


def gate(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["gate", *arguments])


def test_the_gate_ends_with_the_reason(two: tuple[RunFolder, RunFolder]) -> None:
    path = str(two[0].path)
    assert "passed: 1 threshold met" in gate(path, "--require", "rag.accuracy=0.8").output
    failed = gate(path, "--require", "rag.accuracy=0.99", "--require", "rag.held_out.accuracy=2")
    assert isinstance(failed.exception, CheckFailed)
    assert failed.exception.exit_code == 1
    assert "rag.accuracy is 0.8333" in str(failed.exception)
    assert "rag.held_out.accuracy is" in str(failed.exception)
    nothing = gate(path)
    assert isinstance(nothing.exception, TriviumError)
    assert nothing.exception.exit_code == 2


def test_no_loss_against_a_saved_run(two: tuple[RunFolder, RunFolder], make_domain: Any, make_run: Any) -> None:
    before, after = two
    assert "no loss against" in gate(str(after.path), "--against", str(before.path)).output
    silent = make_run("silent", load_domain(before.path.parents[1] / "domain"), {"rag": lambda question: "unknown"})
    lost = gate(str(silent.path), "--against", str(before.path))
    assert isinstance(lost.exception, CheckFailed)
    assert "rag fell from 83% to 0% of 6" in str(lost.exception)
    small = gate(str(after.path), "--against", str(before.path), "--max-drop", "0")
    assert small.exit_code == 0, "equal accuracy is no drop"


def test_thresholds_of_the_domain(make_domain: Any, make_run: Any, right: Any) -> None:
    path = make_domain()
    settings = (path / "domain.toml").read_text(encoding="utf-8") + '\n[gate]\n"rag.accuracy" = 0.5\n'
    (path / "domain.toml").write_text(settings, encoding="utf-8")
    folder = make_run("gated", load_domain(path), {"rag": right})
    assert "passed: 1 threshold met" in gate(str(folder.path)).output
