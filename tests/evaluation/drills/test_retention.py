"""One training, its adapter kept by epoch; what was taught, what was known before, and refusals, at each."""

from pathlib import Path
from typing import Any

import pytest

from data.errors import Incapable
from evaluation.drills import retention, teaching
from evaluation.drills.carry_out import carry_out
from evaluation.drills.retention import Retention
from evaluation.drills.teaching import course, snapshots, with_adapter


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(retention.AT, "smoke", (1, 2))
    monkeypatch.setitem(retention.GENERAL, "smoke", 3)
    monkeypatch.setitem(teaching.EPOCHS, "smoke", 2)


def test_every_kind_is_asked_before_training_and_after_each_epoch(trained_bench: Any, short: None) -> None:
    results = carry_out(Retention(), trained_bench())
    assert [(p.method, p.x) for p in results.points] == [("base", 0.0)] * 3 + [("lora", 1.0)] * 3 + [("lora", 2.0)] * 3
    by_name = {(p.method, p.setting): p for p in results.points}
    assert by_name["base", "taught facts, 0 epochs"].cell.n == 4  # even facts of eight have training wordings
    assert by_name["lora", "general knowledge, 2 epochs"].cell.n == 3
    refused = by_name["lora", "unanswerable, 1 epochs"]
    assert refused.cell is None
    assert refused.figures["asked"] == 1
    texts = [
        by_name[name, f"general knowledge, {n} epochs"].figures for name, n in (("base", 0), ("lora", 1), ("lora", 2))
    ]
    assert len({figures["perplexity of plain text"] for figures in texts}) == 3  # training has changed the weights
    assert results.settings["facts_taught"] == 4


def test_the_base_weights_are_the_same_afterwards(trained_bench: Any, short: None) -> None:
    made = trained_bench()
    before = made.model.fingerprint()
    carry_out(Retention(), made)
    assert made.model.fingerprint() == before


def test_snapshots_are_those_of_one_training_and_are_used_again(trained_bench: Any, short: None) -> None:
    made = trained_bench()
    taught = course(made)
    first = snapshots(made, taught, (1, 2))
    steps = [first[epoch].training["steps"] for epoch in (1, 2)]
    assert steps[1] == 2 * steps[0]
    assert first[1].sha256 != first[2].sha256
    times = [path.stat().st_mtime_ns for path in sorted(Path(made.scratch).rglob("*.safetensors"))]
    assert {e: a.sha256 for e, a in snapshots(made, taught, (1, 2)).items()} == {e: a.sha256 for e, a in first.items()}
    assert [path.stat().st_mtime_ns for path in sorted(Path(made.scratch).rglob("*.safetensors"))] == times
    with with_adapter(made, first[2]):
        assert made.model.adapter


def test_a_model_that_cannot_be_trained_measures_nothing(bench: Any) -> None:
    with pytest.raises(Incapable, match="a training needs weights that can be trained"):
        carry_out(Retention(), bench())
