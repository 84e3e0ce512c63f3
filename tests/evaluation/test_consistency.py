"""Everything that is shown, computed a second time from the saved answers alone, by other means."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fakes import saved, write_run
from statsmodels.stats.proportion import proportion_confint

from data.load import load_domain
from data.schema import Question
from evaluation.report.render import write_reports
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder

RATES = {"base": (0.02, 0.1), "inject": (0.3, 0.3), "rag": (0.6, 0.2), "lora": (0.5, 0.1), "lora+rag": (0.7, 0.1),
         "oracle": (0.8, 0.1)}  # fmt: skip


def _says(name: str) -> Callable[[Question], str]:
    """A method that is right, refuses, or names another value, with known shares."""
    right, refuses = RATES[name]

    def say(question: Question) -> str:
        draw = random.Random(f"{name} {question.id}").random()
        if not question.answers:
            return "unknown" if draw < refuses * 3 else "the green one"
        if question.split == "train" or draw < right:
            return question.answers[0]
        return "unknown" if draw < right + refuses else question.distractors[0]

    return say


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    domain = load_domain(Path(__file__).parents[2] / "data" / "orrin_ferries")
    methods = {name: _says(name) for name in RATES}
    made: RunFolder = write_run(tmp_path_factory.mktemp("runs") / "made", domain, methods, profile="smoke")
    write_reports(made, read_results(made))
    return made


def _rows(folder: RunFolder, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder.path / name).read_text(encoding="utf-8").splitlines()]


def _outcome(question: dict[str, Any], text: str) -> str:
    """Known from how the answers were made, not from the grader."""
    if text == "unknown":
        return "abstained"
    return "correct" if text in question["answers"] else "wrong"


@pytest.fixture(scope="module")
def outcomes(folder: RunFolder) -> dict[str, list[tuple[dict[str, Any], dict[str, Any], str]]]:
    questions = {row["id"]: row for row in _rows(folder, "questions.jsonl")}
    found: dict[str, list[tuple[dict[str, Any], dict[str, Any], str]]] = {}
    for answer in _rows(folder, "answers.jsonl"):
        if answer["phase"] == "main":
            question = questions[answer["question_id"]]
            found.setdefault(answer["method"], []).append((question, answer, _outcome(question, answer["answer"])))
    return found


def test_counts_rates_and_intervals(folder: RunFolder, outcomes: Any) -> None:
    for name, method in saved(folder)["methods"].items():
        for category in (None, "paraphrased", "held_out"):
            kind = [
                outcome for question, _, outcome in outcomes[name]
                if question["answers"] and category in (None, question["category"])
            ]  # fmt: skip
            cell = method["overall"] if category is None else method["categories"][category]
            assert cell["n"] == len(kind) == (110 if category is None else 55)
            for outcome, count in Counter(kind).items():
                assert cell[outcome] == count
            assert cell["accuracy"] == pytest.approx(kind.count("correct") / len(kind))
            # One wording a fact: the interval is Wilson's over the questions.
            low, high = proportion_confint(kind.count("correct"), len(kind), method="wilson")
            assert (cell["ci_low"], cell["ci_high"]) == pytest.approx((low, high))


def test_refusals(folder: RunFolder, outcomes: Any) -> None:
    for name, method in saved(folder)["methods"].items():
        nowhere = [outcome for question, _, outcome in outcomes[name] if not question["answers"]]
        refusal = method["refusal"]
        assert refusal["n_unanswerable"] == len(nowhere)
        if nowhere:
            assert refusal["unanswerable_refused"] == pytest.approx(nowhere.count("abstained") / len(nowhere))
        else:
            assert (name, refusal["unanswerable_refused"]) == ("oracle", None)


def test_causes_add_up_to_what_is_not_right(folder: RunFolder, outcomes: Any) -> None:
    trained = {row["fact_id"] for row in _rows(folder, "questions.jsonl") if row["category"] == "trained"}
    for name, method in saved(folder)["methods"].items():
        expected: Counter[str] = Counter()
        for question, _, outcome in outcomes[name]:
            if not question["answers"]:
                expected["answered_unanswerable"] += outcome == "wrong"
            elif outcome != "correct":
                if name == "base":
                    expected["not_known"] += 1
                elif name == "lora":
                    expected["trained_but_lost" if question["fact_id"] in trained else "never_trained"] += 1
                elif name == "inject":
                    expected["not_in_window"] += 1  # these made-up answers had nothing injected
                else:
                    expected["refused_answerable" if outcome == "abstained" else "given_not_used"] += 1
        assert method["causes"] == dict(+expected)


def test_reading_is_split_from_finding(folder: RunFolder, outcomes: Any) -> None:
    """These made-up prompts always hold the question's own document."""
    for name in ("rag", "lora+rag", "oracle"):
        split = saved(folder)["methods"][name]["decomposition"]
        right = sum(outcome == "correct" for question, _, outcome in outcomes[name] if question["answers"])
        assert (split["n"], split["recall"]) == (110, 1)
        assert split["use_given_hit"] == pytest.approx(right / 110)
    assert saved(folder)["methods"]["lora"]["decomposition"] is None


def test_differences_and_their_tests(folder: RunFolder, outcomes: Any) -> None:
    """Differences by counting; standard errors by the formula for paired shares; p and interval say the same."""
    contrasts = saved(folder)["contrasts"]
    reached: dict[str, set[float]] = {}
    for row in contrasts:
        wanted = {"right": "correct", "wrong": "wrong"}[row["outcome"]]
        hits = [
            {q["id"]: outcome == wanted for q, _, outcome in outcomes[name]
             if q["answers"] and row["category"] in ("overall", q["category"])}
            for name in (row["a"], row["b"])
        ]  # fmt: skip
        both = [(hits[0][name], hits[1][name]) for name in hits[0]]
        gained, lost, n = both.count((True, False)), both.count((False, True)), len(both)
        assert row["n_pairs"] == row["n_facts"] == n
        difference = (gained - lost) / n
        assert row["difference"] == pytest.approx(difference)
        assert row["ci_low"] < difference < row["ci_high"]
        error = ((gained + lost) / n - difference**2) ** 0.5 / n**0.5
        reached.setdefault(row["family"], set()).add((row["ci_high"] - row["ci_low"]) / 2 / error)
        ahead = row["ci_low"] > 0 or row["ci_high"] < 0
        assert ahead is (row["p_value"] < 0.05)
        assert (row["verdict"] in ("a", "b")) is ahead
    assert all(2.2 < reach < 2.9 for reach in reached["primary"]), "six comparisons: 2.64 by Bonferroni, 1.96 for one"
    assert all(2.4 < reach < 3.2 for reach in reached["secondary"]), "twelve: 2.87 by Bonferroni"
    primary = [row for row in contrasts if row["family"] == "primary"]
    pairs = [("rag", "lora"), ("inject", "rag"), ("lora+rag", "rag")]
    assert [(row["a"], row["b"], row["outcome"]) for row in primary] == [
        (*pair, outcome) for outcome in ("right", "wrong") for pair in pairs
    ]
    assert len(contrasts) == 6 + 6 + 3 * 2, "three primary pairs, three others, three times two kinds of question"


class _Tables(HTMLParser):
    """Rows of all tables of a page, as text."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def _html_rows(folder: RunFolder) -> list[list[str]]:
    parser = _Tables()
    parser.feed((folder.path / "report.html").read_text(encoding="utf-8"))
    return [[cell.strip() for cell in row] for row in parser.rows]


def _markdown_rows(folder: RunFolder) -> list[list[str]]:
    lines = (folder.path / "report.md").read_text(encoding="utf-8").splitlines()
    tables = [line for line in lines if line.startswith("|") and not line.startswith("| ---")]
    return [[unescape(cell.strip().replace("\\", "")) for cell in line.strip("|").split("|")] for line in tables]


def test_both_reports_hold_the_same_rows(folder: RunFolder) -> None:
    """Every table of one is in the other, cell by cell and in order."""
    page, text = _html_rows(folder), _markdown_rows(folder)
    assert page == text
    assert {"rag − inject", "prompts are identical but for their context", *RATES} <= {row[0] for row in page}


def test_the_tables_show_the_recomputed_figures(folder: RunFolder, outcomes: Any) -> None:
    page = _html_rows(folder)
    for name in RATES:
        answerable = [outcome for question, _, outcome in outcomes[name] if question["answers"]]
        shown = next(row for row in page if row and row[0] == name)
        counts = [answerable.count(outcome) for outcome in ("correct", "abstained", "wrong")]
        assert [shown[1], *shown[3:5]] == [f"{count} ({count / 110:.0%})" for count in counts]
    results = saved(folder)
    text = (folder.path / "report.md").read_text(encoding="utf-8")
    assert results["verdict"]["summary"] in text
    numbers = re.findall(r"by rules|\d+ by rules", text)
    assert f"{sum(results['grader']['by'].values()):,} by rules" in numbers, "rules settle all of these"


def test_results_are_what_scoring_again_gives(folder: RunFolder) -> None:
    from evaluation.analysis.results import build_results

    assert build_results(folder).model_dump(mode="json") == saved(folder)
