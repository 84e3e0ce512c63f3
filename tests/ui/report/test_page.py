"""The report: what it says, and that its tables explain themselves and lead to the answers."""

import json
from collections.abc import Callable
from pathlib import Path

from fakes import saved
from streamlit.testing.v1 import AppTest

from evaluation.report.methods_table import methods_table
from evaluation.results.file import read_results
from evaluation.run.folder import RunFolder


def test_it_says_verdict_figures_and_causes(
    opened: Callable[..., AppTest], texts: Callable[[AppTest], str], runs: Path
) -> None:
    page = opened("report", runs)
    assert saved(RunFolder(runs / "made-up"))["verdict"]["summary"] in texts(page)
    tables = [frame.value for frame in page.dataframe]
    assert [list(table["right, of 6"]) for table in tables[:2]] == [["6 (100%)"], ["0 (0%)"]], "base stands apart"
    assert list(tables[2]["rag"]) == ["2 of 2 (100%)"] * 3
    assert dict(zip(tables[3][""], tables[3]["base"], strict=True))["not known to the base model"] == 6


def test_each_column_of_the_main_table_explains_itself(opened: Callable[..., AppTest], runs: Path) -> None:
    table = methods_table(read_results(RunFolder(runs / "made-up")))
    helps = {column.name: column.help for column in table.columns if column.help}
    assert len(helps) > 5
    shown = json.loads(opened("report", runs).dataframe[0].proto.columns)
    assert {name: shown[name].get("help") for name in helps} == helps
