"""The report: the decision first, tables that explain themselves, and figures that lead to the answers behind them."""

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fakes import saved
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from evaluation.analysis.causes import CAUSE_NAMES, Cause
from evaluation.report.methods_table import methods_table
from evaluation.report.outcomes import outcome_bars
from evaluation.results.file import read_results
from evaluation.results.verdict import Badge, Behind, Reason, Verdict
from evaluation.run.folder import RunFolder
from ui.grades import MADE_UP
from ui.report.decision import choices_for

Open = Callable[..., AppTest]
Texts = Callable[[AppTest], str]
Html = Callable[[AppTest], list[str]]
Tables = Callable[[AppTest], list[pd.DataFrame]]


def test_the_decision_comes_first_and_is_that_of_the_report(opened: Open, html: Html, texts: Texts, runs: Path) -> None:
    page = opened("report", runs)
    results = read_results(RunFolder(runs / "made-up"))
    assert not page.exception
    first, bars = [body for body in html(page) if "<style>" not in body][:2]
    assert results.verdict.summary in first
    assert bars == outcome_bars(results), "the same bars as in report.html"
    assert results.verdict.badge.text in texts(page)


def test_tables_set_methods_apart_from_yardsticks(opened: Open, tables: Tables, runs: Path) -> None:
    methods, yardsticks = tables(opened("report", runs))[:2]
    assert list(methods["right, of 6"]) == ["6 (100%)"]
    assert list(yardsticks["right, of 6"]) == ["0 (0%)"]


def test_each_column_of_the_main_table_explains_itself(opened: Open, html: Html, runs: Path) -> None:
    table = methods_table(read_results(RunFolder(runs / "made-up")))
    helps = [column.help for column in table.columns if column.help]
    assert len(helps) > 5
    (shown,) = [body for body in html(opened("report", runs)) if "right, of 6" in body and "rag" in body]
    assert all(f'title="{escape(text)}"' in shown for text in helps)


def test_counts_are_sorted_as_numbers_and_shown_with_their_denominators(opened: Open, runs: Path) -> None:
    kinds, causes = (frame.value for frame in opened("report", runs).dataframe[:2])
    assert list(kinds["rag"]) == [1.0] * 3
    assert kinds["base"].dtype == causes["base"].dtype == "float64"
    shown = convert_arrow_bytes_to_pandas_df(opened("report", runs).dataframe[0].proto.arrow_data.styler.display_values)
    assert list(shown["rag"]) == ["2 of 2 (100%)"] * 3
    assert dict(zip(causes[""], causes["base"], strict=True))["not known to the base model"] == 6


def _with_verdict(run: Path, **fields: Any) -> None:
    content = saved(RunFolder(run))
    content["verdict"] |= fields
    (run / "results.json").write_text(json.dumps(content), encoding="utf-8")


def test_each_reason_leads_to_its_answers(
    opened: Open, texts: Texts, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[dict[str, str]] = []
    monkeypatch.setattr("ui.report.decision.go", lambda page, **chosen: gone.append({"page": page} | chosen))
    behind = Behind(methods=("rag", "base"), category="held_out", outcome="right")
    reasons = [Reason(text="<b>first</b> reason", behind=behind), Reason(text="second reason")]
    _with_verdict(runs / "made-up", why=[reason.model_dump() for reason in reasons], turns=["a turn"])
    page = opened("report", runs)
    assert not page.exception
    assert "- <b>first</b> reason" in texts(page)
    assert "- a turn" in texts(page)
    (link,) = [button for button in page.button if button.label == "Read these answers"]
    link.click().run()
    assert gone == [{"page": "answers", "run": "made-up", "method": "rag", "kind": "never seen in training",
                     "outcome": "right"}]  # fmt: skip


def test_a_run_that_ranks_nothing_has_a_page_too(opened: Open, html: Html, runs: Path) -> None:
    """As those of earlier versions, which named no ranking."""
    _with_verdict(runs / "made-up", recommended=None, ranking=[])
    page = opened("report", runs)
    assert not page.exception
    assert page.header
    assert not any("<dl" in body for body in html(page))


def test_where_there_is_no_reason_nothing_is_headed_why(opened: Open, runs: Path) -> None:
    _with_verdict(runs / "made-up", why=[], reasons=[], caveats=[])
    page = opened("report", runs)
    assert not page.exception
    assert "Why" not in [header.value for header in page.header]


@pytest.mark.parametrize(
    ("behind", "choices"),
    [
        (Behind(methods=("rag",), outcome="wrong"), {"method": "rag", "outcome": "wrong"}),
        (Behind(category="unanswerable", outcome="wrong"), {"kind": "no document says it", "outcome": MADE_UP}),
        (Behind(category="paraphrased"), {"kind": "taught as a question"}),
        (Behind(cause="not_retrieved"), {"cause": CAUSE_NAMES[Cause("not_retrieved")]}),
    ],
)
def test_answers_behind_a_sentence_as_filters(behind: Behind, choices: dict[str, str]) -> None:
    assert choices_for(behind) == choices


@pytest.mark.parametrize("how", ["sure", "likely", "open", "failed"])
def test_how_sure_is_told_in_words_and_not_in_colour_alone(how: Any, opened: Open, texts: Texts, runs: Path) -> None:
    badge = Badge(how=how, text=f"badge of {how}")
    _with_verdict(runs / "made-up", badge=badge.model_dump())
    assert Verdict.model_validate(saved(RunFolder(runs / "made-up"))["verdict"]).badge == badge
    said = texts(opened("report", runs))
    assert f"badge of {how}" in said
    assert (":green-badge" in said) is (how == "sure"), "green is for what is established"
