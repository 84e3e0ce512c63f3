"""Costs: the sentence follows volume, months, prices and the price of an error; so do chart and tables."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
from fakes import saved
from streamlit.testing.v1 import AppTest

from data.load import load_domain
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder
from ui.charts import ownership_lines
from ui.costs.demand import VOLUMES
from ui.costs.sentence import cheapest

Open = Callable[..., AppTest]
Html = Callable[[AppTest], list[str]]
Tables = Callable[[AppTest], list[pd.DataFrame]]


def _headline(bodies: list[str]) -> str:
    return next(body for body in bodies if "headline" in body and "<style>" not in body)


def _slider(page: AppTest, label: str) -> Any:
    return next(slider for slider in [*page.slider, *page.select_slider] if slider.label == label)


def _used(run: Path, method: str, **usage: Any) -> None:
    """Write down another use of a method than the made-up run had."""
    content = saved(RunFolder(run))
    content["methods"][method]["usage"] |= usage
    (run / "results.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_sentence_comes_first_and_all_follows_the_sliders(
    opened: Open, html: Html, tables: Tables, runs: Path
) -> None:
    page = opened("costs", runs)
    assert not page.exception
    assert "search (rag) has the smallest bill" in _headline(html(page))
    before = tables(page)[0]
    _slider(page, "Months").set_value(36).run()
    assert not page.exception
    assert "over 36 months" in _headline(html(page))
    after = tables(page)[0]
    assert "first year" in before.columns
    assert list(before["first year"]) != list(after["36 months"])


def test_what_is_chosen_stands_in_the_address(opened: Open, html: Html, runs: Path) -> None:
    page = opened("costs", runs, months="24", wrong="0.5")
    assert not page.exception
    assert "over 24 months" in _headline(html(page))
    assert "With your prices of errors" in _headline(html(page))


def test_the_price_of_a_wrong_answer_moves_sentence_chart_and_table(
    opened: Open, html: Html, tables: Tables, runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    """A method that answers wrongly is cheap to run and dear to have."""
    sure = {"rag": right, "inject": lambda question: "nonsense"}
    make_run("errors", load_domain(tmp_path / "domain"), sure)
    page = opened("costs", runs, run="errors")
    first, one, drawn = _headline(html(page)), tables(page)[0], _chart(html(page))
    _slider(page, "Cost of a wrong answer").set_value(5.0).run()
    assert not page.exception
    assert "search (rag) costs least" in _headline(html(page))
    assert _headline(html(page)) != first
    assert _chart(html(page)) != drawn
    assert [*tables(page)[0].columns] == [*one.columns, "a question with its errors"]


def _chart(bodies: list[str]) -> str:
    return next(body for body in bodies if "Total cost month by month" in body)


def test_a_month_costs_what_its_errors_cost_too(runs: Path) -> None:
    """Of base every answer is wrong: 10,000 questions a month at 0.5 are 5,000."""
    page = read_results(RunFolder(runs / "made-up")).costs
    priced = page.model_copy(update={"scenario": page.scenario.model_copy(update={"wrong_answer": 0.5})})
    rows = {name: row.model_copy(update={"with_errors": row.amortised + 0.5 * row.wrong})
            for name, row in page.methods.items()}  # fmt: skip
    lines = ownership_lines(priced.model_copy(update={"methods": rows})).data
    found = lines[(lines["method"] == "base") & (lines["month"] == 2)]["total"].item()
    assert abs(found - (page.methods["base"].totals[1] + 10_000)) < 1e-6


def test_the_price_of_a_training_wording_is_a_slider(
    opened: Open, html: Html, runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    make_run("trained", load_domain(tmp_path / "domain"), {"rag": right, "lora": right})
    _used(runs / "trained", "lora", wordings_by_hand=6)
    page = opened("costs", runs, run="trained")
    assert not page.exception
    assert "one assumption" in "\n".join(str(text.value) for text in page.text)
    assert _slider(page, "Price of a training wording").value == 0.5
    before = _chart(html(page))
    _slider(page, "Price of a training wording").set_value(0.0).run()
    assert not page.exception
    assert _chart(html(page)) != before
    assert "one assumption" not in "\n".join(str(text.value) for text in page.text)


def test_where_costs_cross_is_a_matrix(opened: Open, tables: Tables, runs: Path, make_run: Any, right: Any,
                                       tmp_path: Path) -> None:  # fmt: skip
    make_run("trained", load_domain(tmp_path / "domain"), {"rag": right, "lora": right})
    matrix = tables(opened("costs", runs, run="trained"))[1]
    assert list(matrix.columns) == ["costs less", "than rag", "than lora"]
    assert list(matrix["costs less"]) == ["rag", "lora"]


def test_only_what_pastes_documents_depends_on_their_cache(
    opened: Open, tables: Tables, runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    make_run("pasted", load_domain(tmp_path / "domain"), {"inject": right, "rag": right})
    full, none = (
        tables(opened("costs", runs, run="pasted", hits=hits))[0].set_index("method").loc["rag"]
        for hits in ("100", "0")
    )
    assert list(full) == list(none)


def test_what_does_not_fit_the_window_is_not_drawn_or_chosen(
    opened: Open, html: Html, tables: Tables, runs: Path, make_run: Any, right: Any, tmp_path: Path
) -> None:
    make_run("pasted", load_domain(tmp_path / "domain"), {"inject": right, "rag": right})
    _used(runs / "pasted", "inject", prefix_tokens=8)  # of a window of 10
    page = opened("costs", runs, run="pasted", corpus="1000000")
    assert not page.exception
    assert "does not fit the window" in list(tables(page)[0]["source"])
    assert not any("than inject" in table.columns for table in tables(page))
    drawn = [unquote(body) for body in html(page) if 'class="chart"' in body]
    assert all(">rag<" in body for body in drawn)
    assert not any(">inject<" in body for body in drawn)


def test_nothing_costs_least_where_nothing_can_be_chosen(runs: Path) -> None:
    page = read_results(RunFolder(runs / "made-up")).costs
    assert cheapest(page.model_copy(update={"methods": {"base": page.methods["base"]}})) == ""


def test_volumes_are_round_numbers() -> None:
    assert VOLUMES[:6] == (10, 16, 25, 40, 63, 100)
    assert 10_000 in VOLUMES
    assert VOLUMES[-1] == 10_000_000
