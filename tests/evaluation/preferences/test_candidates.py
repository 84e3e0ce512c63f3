"""Answers to be ranked: different ones, drawn once, those that differ most first."""

from pathlib import Path

import pytest

from data.progress import silent
from evaluation.lab.playground import Playground
from evaluation.preferences.candidates import (
    Candidates,
    Drawing,
    disagreement,
    draw,
    keep_candidates,
    kept_candidates,
    most_telling,
)


def of(*answers: str) -> Candidates:
    return Candidates(drawing="d", question_id=answers[0], question="?", answers=answers, sources=answers)


def test_disagreement_is_the_mean_edit_distance_of_two_answers() -> None:
    """By hand: "abcd" and "abce" differ in one of four letters, "abcd" and "wxyz" in all."""
    assert disagreement(["abcd", "ABCE"]) == pytest.approx(1 / 4)
    assert disagreement(["abcd", "abce", "wxyz"]) == pytest.approx((1 / 4 + 1 + 1) / 3)
    assert disagreement(["abcd"]) == 0


def test_the_most_telling_come_first_within_the_budget() -> None:
    like, unlike, same = of("seven boats", "seven boat"), of("seven boats", "no idea"), of("red", "red ")
    assert most_telling([like, unlike, same], 2) == [unlike, same]
    assert most_telling([like, unlike, same], None) == [unlike, same, like]


def test_one_method_gives_different_samples_and_several_give_one_each(run: Path) -> None:
    ground = Playground(run)
    questions = ground.domain.split("train")[:3]
    how = Drawing(methods=("base",), answers=3, temperature=1.5)
    sampled = draw([ground.method("base")], questions, how, silent)
    for one in sampled:
        assert 2 <= len(set(one.answers)) == len(one.answers) <= 3
        assert one.sources[0] == "base, as it answers"
        assert set(one.sources[1:]) == {"base, sampled"}
    assert draw([ground.method("base")], questions, how, silent) == sampled
    assert draw([ground.method("base")], questions, how.model_copy(update={"seed": 1}), silent) != sampled
    methods = [ground.method(name) for name in ("base", "lora")]
    both = draw(methods, questions, Drawing(methods=("base", "lora")), silent)
    assert all(set(one.sources) <= {"base", "lora"} for one in both)
    assert [one.answers[0] for one in both] == [one.answers[0] for one in sampled], "as the method answers"


def test_what_was_drawn_is_kept_for_this_way_of_drawing(tmp_path: Path) -> None:
    how = Drawing(methods=("base",))
    mine = of("a", "b").model_copy(update={"drawing": how.digest})
    keep_candidates(tmp_path, [mine, of("c", "d")])
    assert kept_candidates(tmp_path, how) == {"a": mine}
    assert kept_candidates(tmp_path, how.model_copy(update={"seed": 1})) == {}
