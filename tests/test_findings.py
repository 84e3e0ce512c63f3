"""docs/findings.md is what docs/findings.py makes of the results in the repository, and its signs are right."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from pydantic import ValidationError
from statsmodels.stats.proportion import proportion_confint

from data.schema import Question
from evaluation.analysis.breakdown import cell
from evaluation.drills.registry import drill_names
from evaluation.grading.rules import GradeName
from evaluation.results.drill import DrillPoint, DrillResults, write_drill
from evaluation.results.rates import Rate
from evaluation.run.registry import method_names

ROOT = Path(__file__).parent.parent


def _script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # pydantic looks up annotations there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def findings() -> ModuleType:
    return _script(ROOT / "docs" / "findings.py")


@pytest.fixture(scope="module")
def runs(findings: ModuleType) -> Any:
    return [findings.read_run(path) for path in findings.OWN]


def test_the_page_is_fresh(findings: ModuleType, runs: Any) -> None:
    assert findings.PAGE.read_text(encoding="utf-8") == findings.page(runs), "run `python docs/findings.py`"


def test_what_differs_is_explained_or_left_open_in_words(findings: ModuleType, runs: Any) -> None:
    text = findings.page(runs).partition("## Where they differ")[2]
    signs = [(number, one.sign) for number, (_, one) in enumerate(findings.found_in(runs), 1) if one]
    assert {sign for _, sign in signs} >= {"agrees"}
    for number, sign in signs:
        if sign != "agrees":
            assert re.search(rf"^- {number}, {sign}: \w.{{30,}}", text, re.MULTILINE)
        if sign == "disagrees":
            assert findings.read_published()[number - 1].why


def test_two_rates_by_the_published_example(findings: ModuleType) -> None:
    """Newcombe 1998, table II: 56 of 70 and 48 of 80, method 10: .0524 to .3339."""
    rates = []
    for right, n in ((56, 70), (48, 80)):
        low, high = proportion_confint(right, n, method="wilson")
        rates.append(Rate(n=n, rate=right / n, ci_low=low, ci_high=high))
    assert findings.between(*rates) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


@pytest.mark.parametrize(
    ("low", "high", "bounds", "sign"),
    [
        (0.01, 0.2, {}, "agrees"), (-0.2, -0.01, {}, "disagrees"), (-0.1, 0.1, {}, "open"),
        (0.92, 1.0, {"at_least": 0.9}, "agrees"), (0.5, 0.89, {"at_least": 0.9}, "disagrees"),
        (0.0, 0.3, {"at_most": 0.31}, "agrees"), (0.34, 0.7, {"at_most": 0.31}, "disagrees"),
        (0.2, 0.4, {"at_most": 0.31}, "open"),
    ],
)  # fmt: skip
def test_a_sign_needs_the_whole_interval(
    findings: ModuleType, runs: Any, low: float, high: float, bounds: dict[str, float], sign: str
) -> None:
    assert findings.Measured(runs[0], (low + high) / 2, low, high, "", **bounds).sign == sign


def test_a_figure_has_its_source_and_a_finding_one_measure(findings: ModuleType) -> None:
    for wrong in (
        {"claim": "a", "of": "rag.overall"},
        {"claim": "a", "of": "rag.overall", "most": 0.5, "contrast": ["rag", "lora", "right"]},
        {"claim": "a", "of": "rag.overall", "most": 0.5, "published": "12 %"},
        {"claim": "a", "of": "rag.overall", "minus": "lora.overall", "most": 0.5},
        {"claim": "a", "drill": ["noise", "rag", "0% noise"]},
        {"claim": "a"},
    ):
        with pytest.raises(ValidationError):
            findings.Published.model_validate(wrong)


def test_figures_are_those_of_the_results(findings: ModuleType, runs: Any) -> None:
    """Of the sample run: read from results.json here without the classes of the program."""
    import json

    known = json.loads((ROOT / "ui" / "sample_run" / "results.json").read_text(encoding="utf-8"))
    rag, lora = (known["methods"][name] for name in ("rag", "lora"))
    rate = findings.rate_of(runs[0].results, "rag.refusal")
    assert (rate.n, rate.rate) == (rag["refusal"]["n_unanswerable"], rag["refusal"]["unanswerable_refused"])
    assert findings.rate_of(runs[0].results, "lora.convergence").rate == lora["convergence"]["accuracy"]
    assert findings.rate_of(runs[0].results, "lora.stale") is None
    assert findings.rate_of(runs[0].results, "nobody.overall") is None
    row = next(c for c in known["contrasts"] if (c["a"], c["b"], c["outcome"]) == ("rag", "lora", "wrong"))
    turned = findings.measured(findings.Published(claim="", contrast=("lora", "rag", "wrong")), runs[0])
    assert (turned.value, turned.low, turned.high) == (-row["difference"], -row["ci_high"], -row["ci_low"])


def test_a_drill_beside_a_run_is_read(findings: ModuleType, runs: Any, tmp_path: Path) -> None:
    """20 of 40 and 10 of 40 right: +25 points; half of 40 does not reach a bound of nine in ten."""
    results = DrillResults(
        name="noise", title="Noise", question="", size="smoke", run="", domain="", model="", device="", seed=0,
        points=[_point("none", 20), _point("much", 10)], tables=[], curves=[], sentences=[], predicted_s=None,
        actual_s=1,
    )  # fmt: skip
    write_drill(tmp_path, results)
    shutil.copy(ROOT / "ui" / "sample_run" / "results.json", tmp_path)
    run = findings.read_run(tmp_path)
    two = findings.measured(findings.Published(claim="", drill=("noise", "rag", "none", "much")), run)
    assert (two.value, two.sign) == (0.25, "agrees")
    assert two.told.startswith("50% of 40 and 25% of 40: +25 points (")
    one = findings.measured(findings.Published(claim="", drill=("noise", "rag", "none"), least=0.9), run)
    assert (one.value, one.sign) == (0.5, "disagrees")
    assert findings.measured(findings.Published(claim="", drill=("noise", "rag", "none", "other")), run) is None
    assert findings.measured(findings.Published(claim="", drill=("noise", "rag", "none", "other")), runs[0]) is None


def _point(setting: str, right: int) -> DrillPoint:
    graded = [
        (Question(id=f"q{n}", question="?", answers=("a",), fact_id=f"f{n}"), None,
         GradeName.CORRECT if n < right else GradeName.WRONG)
        for n in range(40)
    ]  # fmt: skip
    return DrillPoint(method="rag", setting=setting, cell=cell(cast(Any, graded)), seconds=1)


def test_drills_and_methods_of_the_findings_are_there(findings: ModuleType) -> None:
    for finding in findings.read_published():
        if finding.drill:
            assert finding.drill[0] in drill_names()
            assert finding.drill[1] in method_names()
            assert finding.needs
