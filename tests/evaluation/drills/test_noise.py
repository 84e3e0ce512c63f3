"""Distractors, the place of the right passage, and a passage that says otherwise; on a model that only reads."""

import json
from typing import Any

from evaluation.drills.belief import CONTRADICTED
from evaluation.drills.carry_out import carry_out
from evaluation.drills.noise import Noise


def _points(results: Any) -> dict[str, Any]:
    return {point.setting: point for point in results.points}


def test_what_stands_in_the_prompt_is_found_at_every_place(bench: Any) -> None:
    results = carry_out(Noise(), bench())
    points = _points(results)
    places = [name for name in points if name.startswith("80%")]
    assert places == [f"80% noise, right one {place}" for place in ("first", "middle", "last")]
    for name in ("0% noise", *places):
        assert (points[name].cell.correct, points[name].cell.n) == (8, 8), name
    assert [points[name].x for name in ("0% noise", places[0])] == [0.0, 0.8]


def test_places_are_those_of_the_prompt(bench: Any) -> None:
    made = bench()
    drill, seen = Noise(), []
    question = made.questions(with_gold=True)[0]
    gold = made.gold.of(question)[0].chunk_id
    ranked = made.searched.ranked([question], 24)[0].passages
    for place in ("first", "middle", "last"):
        given = drill._beside(made, question, ranked, 0, others=4, place=place)
        assert len(given) == 5
        seen.append([passage.chunk_id for passage in given].index(gold))
    assert seen == [0, 2, 4]
    mixed = [drill._beside(made, question, ranked, number, others=1, place="mixed") for number in (0, 1)]
    assert [[p.chunk_id for p in given].index(gold) for given in mixed] == [0, 1]


def test_a_model_that_copies_believes_the_passage(bench: Any) -> None:
    made = bench()
    made.model.answer = lambda messages: messages[-1]["content"].partition("shows a ")[2].partition(" ")[0]
    point = _points(carry_out(Noise(), made))[CONTRADICTED]
    assert point.figures == {"asked": 8.0, "passage": 8.0, "before": 0.0, "unknown": 0.0, "else": 0.0}


def test_a_model_that_knows_keeps_what_it_knew(bench: Any) -> None:
    made = bench()
    known = {q.question: q.answers[0] for q in made.domain.questions if q.answers}
    made.model.answer = lambda messages: next((a for q, a in known.items() if q in messages[-1]["content"]), "unknown")
    point = _points(carry_out(Noise(), made))[CONTRADICTED]
    assert (point.figures["passage"], point.figures["before"]) == (0.0, 8.0)


def test_methods_without_passages_are_left_out_with_the_reason(bench: Any) -> None:
    results = carry_out(Noise(), bench())
    assert set(results.not_applicable) == {"base", "inject", "oracle"}
    assert {point.method for point in results.points} == {"rag"}


def test_the_question_is_the_first_paragraph_of_the_module(bench: Any) -> None:
    assert Noise().question.startswith("Do passages beside the right one, or its place among them, cost answers")
    assert "\n" not in Noise().question
    made = bench()
    carry_out(Noise(), made)
    content = json.loads((made.path / "drills" / "noise.json").read_text())
    assert content["question"] == Noise().question
