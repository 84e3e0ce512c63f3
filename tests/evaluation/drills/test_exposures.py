"""Trainings that differ in one thing, with the steps of the others; what is learned beside what is kept."""

from typing import Any

import pytest

from evaluation.drills import exposures, teaching
from evaluation.drills.carry_out import carry_out
from evaluation.drills.exposures import COURSE, VARIANTS, Exposures, _fewer, _variant


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(teaching.EPOCHS, "smoke", 2)
    monkeypatch.setitem(exposures.GENERAL, "smoke", 3)


def test_every_training_is_asked_what_it_taught_and_what_it_did_not(trained_bench: Any) -> None:
    results = carry_out(Exposures(), trained_bench())
    settings = [p.setting for p in results.points if p.method == "lora"]
    names = [variant.name for variant in VARIANTS if variant.in_smoke]
    assert settings == [f"{kind}: {name}" for name in names for kind in ("taught facts", "general knowledge")]
    assert all(p.figures["s to train"] > 0 for p in results.points if p.method == "lora")
    assert len(results.sentences) == len(names)
    assert results.sentences[0].startswith("The course: ")


def test_fewer_wordings_are_shown_more_often(trained_bench: Any) -> None:
    made = trained_bench()
    whole, one = (_variant(made, next(v for v in VARIANTS if v.name == name)) for name in (COURSE, "1 wording"))
    assert {q.fact_id for q in whole.questions} == {q.fact_id for q in one.questions}
    assert len([q for q in one.questions if q.answerable]) == len(one.facts) == 4
    assert len(whole.questions) == 8  # two wordings a fact
    assert (whole.recipe.epochs, one.recipe.epochs) == (2, 4)


def test_a_rank_changes_the_adapter_and_nothing_else(trained_bench: Any) -> None:
    made = trained_bench()
    whole, rank = (_variant(made, next(v for v in VARIANTS if v.name == name)) for name in (COURSE, "rank 4"))
    assert whole.questions == rank.questions
    assert rank.recipe == whole.recipe.model_copy(update={"rank": 4, "alpha": 8})


def test_wordings_without_an_answer_stay(trained_bench: Any) -> None:
    questions = trained_bench().plan.training
    kept = _fewer(questions, 1)
    assert [q for q in kept if not q.answerable] == [q for q in questions if not q.answerable]
