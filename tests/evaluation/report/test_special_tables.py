"""Tables of what only some runs ask."""

from typing import Any

import pytest

from data.schema import Domain
from evaluation.report.special_tables import retention_table, threshold_table, updated_table
from evaluation.results.file import read_results
from evaluation.results.method import MethodResults, Preparation, Refresh, Retention, Stale, Training
from evaluation.results.rates import Rate
from evaluation.results.schema import Results


@pytest.fixture
def results(domain: Domain, make_run: Any, right: Any) -> Results:
    folder = make_run("tables", domain, {"base": lambda question: "?", "rag": right, "lora": right})
    found: Results = read_results(folder)
    return found


def changed(results: Results, name: str, **fields: Any) -> Results:
    method: MethodResults = results.methods[name].model_copy(update=fields)
    return results.model_copy(update={"methods": dict(results.methods) | {name: method}})


@pytest.mark.parametrize(("details", "what"), [({}, "adapter"), ({"virtual_tokens": 16}, "prefix")])
def test_nothing_trained_is_told_as_current_after_a_change(
    results: Results, details: dict[str, Any], what: str
) -> None:
    stale = Stale(n=4, stale=3, rate=0.75, ci_low=0.3, ci_high=0.95)
    fields = {"stale": stale, "refresh": Refresh(by="nothing", seconds=None), "training": Training(seconds=30)}
    table = updated_table(changed(results, "lora", preparation=Preparation(**details), **fields))
    assert table is not None
    ((name, _, old, taken_in),) = table.rows
    assert (name, taken_in) == ("lora", f"nothing (not the {what}: a training took 30 s)")
    assert old.startswith("75%")
    assert "no trained method knows of a change" in table.note


def test_what_training_broke_stands_beside_its_gain(results: Results) -> None:
    assert retention_table(results) is None
    kept = Rate(n=120, rate=0.9, ci_low=0.83, ci_high=0.94)
    left = Retention(asked=230, kept=kept, refused=5, gained=2, perplexity_before=12.34, perplexity=20)
    table = retention_table(changed(results, "lora", retention=left))
    assert table is not None
    ((name, gain, still, interval, *rest),) = table.rows
    assert (name, still, interval) == ("lora", "90% of 120", "83% to 94%")
    assert gain.startswith("100%")
    assert rest == ["5", "2", "12.3 → 20.0"]


def test_a_threshold_is_told_with_its_curve(results: Results) -> None:
    assert threshold_table(results) is None
    curve = [
        {"above": step / 20, "right": step / 20, "unanswerable_refused": 1 - step / 20, "answerable_refused": 0.0}
        for step in range(1, 21)
    ]
    found = {"above": 0.6, "curve": curve, "answerable": 60, "unanswerable": 12}
    table = threshold_table(changed(results, "rag", preparation=Preparation(threshold=found)))
    assert table is not None
    ((name, above, there, at_first, *_, counts),) = table.rows
    assert (name, above, there, at_first, counts) == ("rag", "0.6", "60% / 40%", "20% / 80%", "60 / 12")
