"""A fact changes: who gives the new value after what, and what that takes."""

from typing import Any

import pytest

from evaluation.drills import teaching
from evaluation.drills.carry_out import carry_out
from evaluation.drills.freshness import Freshness


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(teaching.EPOCHS, "smoke", 1)


def test_an_index_gives_the_new_value_and_before_it_the_old_one(trained_bench: Any) -> None:
    made = trained_bench()
    drill = Freshness()
    (question,) = drill._asked(made, "changed facts")
    assert (question.answers, question.stale_answers) == (("walrus",), ("otter",))
    seen = []
    made.answered = lambda prompts, questions, *rest: seen.extend(map(str, prompts)) or []
    for way in ("as it was", "taken in"):
        method = drill._after(made, "rag")[0] if way == "taken in" else None
        made.ask("rag", [question], method=method)
    assert ["walrus" in text for text in seen] == [False, True]
    assert ["otter" in text for text in seen] == [True, False]


def test_every_way_is_measured_and_only_taking_in_costs(trained_bench: Any) -> None:
    results = carry_out(Freshness(), trained_bench())
    points = {(p.method, p.setting): p for p in results.points}
    assert {name for name, _ in points} == {"inject", "rag", "lora", "lora+rag"}
    assert {setting.partition(":")[0] for name, setting in points if name == "lora"} == {
        "as it was", "trained anew", "trained on",
    }  # fmt: skip
    for (name, setting), point in points.items():
        costs = "changed" in setting.split() and not setting.startswith("as it was")
        assert (point.figures.get("s / change") is not None) == costs, (name, setting)
    assert results.not_applicable["base"] == "it is no method that a user can choose"
    assert results.settings["changes"] == 1
    assert len(results.sentences) == 5


def test_training_anew_sees_the_new_value_and_training_on_sees_nothing_else(trained_bench: Any) -> None:
    made, drill = trained_bench(), Freshness()
    anew, on = (drill._retaught(made, way).questions for way in ("trained anew", "trained on"))
    assert {q.answers for q in anew if q.fact_id == "flag0"} == {("walrus",)}
    assert {q.fact_id for q in on} == {"flag0"}
    assert {q.fact_id for q in anew} > {"flag0", "flag2"}


def test_training_on_begins_where_the_old_adapter_ended(trained_bench: Any) -> None:
    from safetensors.torch import load_file

    made = trained_bench()
    taught = teaching.course(made, learning_rate=1e-12)
    old = teaching.snapshots(made, teaching.course(made), (1,))[1]
    new = teaching.snapshots(made, taught, (1,), "hardly", old.folder)[1]
    before, after = (load_file(one.folder / "adapter_model.safetensors") for one in (old, new))
    assert before.keys() == after.keys()
    assert max(float((before[key] - after[key]).abs().max()) for key in before) < 1e-9
