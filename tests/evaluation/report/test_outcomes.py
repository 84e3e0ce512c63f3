"""Bars of right, unknown and wrong answers: their parts, their words, their order."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.load import load_domain
from evaluation.report.outcomes import outcome_bars
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


def _rows(page: str) -> list[str]:
    return re.findall(r'<div class="method.*?</div>', page)


def test_a_bar_has_three_parts_that_are_told_in_words_too(
    make_run: Any, make_domain: Callable[..., Path], right: Any
) -> None:
    """Six answerable questions, of which the animals otter and seal are two and one of each is unknown."""
    domain = load_domain(make_domain())

    def half(question: Any) -> str:
        return {"flag0": right(question), "flag1": "unknown"}.get(question.fact_id, "nonsense")

    folder = make_run("three", domain, {"base": lambda question: "x", "rag": half, "lora": right, "oracle": right})
    results = read_results(RunFolder(folder.path))
    page = outcome_bars(results)
    rows = _rows(page)
    assert [re.search(r"\((.*?)\)", row)[1] for row in rows[:2]] == ["lora", "rag"], "most right answers first"  # type: ignore[index]
    assert 'class="method yardstick"' in rows[2], "the bare model stands last"
    cell = results.methods["rag"].overall
    told = f"<b>{cell.correct}</b> right, <b>{cell.abstained}</b> unknown, <b>{cell.wrong}</b> wrong"
    assert told in rows[1]
    widths = [float(found) for found in re.findall(r'class="(?:right|unknown|wrong)" style="width:([\d.]+)%', rows[1])]
    assert widths == [round(100 * count / cell.scored, 2) for count in (cell.correct, cell.abstained, cell.wrong)]
    assert all(0 < width < 100 for width in widths)
    assert len(re.findall('<i class="ceiling" style="left:100.00%"', page)) == 3, "the oracle is a line, not a bar"
    assert "ceiling (oracle): 100% right" in page


def test_what_is_said_of_a_method_is_text(runs: Path) -> None:
    results = read_results(RunFolder(runs / "made-up"))
    rag = results.methods["rag"]
    found = results.model_copy(update={"methods": {"<b>x": rag.model_copy(update={"kind": "contestant"})}})
    assert "&lt;b&gt;x" in outcome_bars(found)
    assert "<b>x" not in outcome_bars(found)


def test_the_recommended_method_is_named_in_words(runs: Path) -> None:
    results = read_results(RunFolder(runs / "made-up"))
    assert "recommended" not in outcome_bars(results), "too few facts for a recommendation"
    taken = results.model_copy(update={"verdict": results.verdict.model_copy(update={"recommended": "rag"})})
    assert outcome_bars(taken).count("<b>search (rag)</b> <small>recommended</small>") == 1
