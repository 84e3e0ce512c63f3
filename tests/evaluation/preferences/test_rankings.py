"""What people prefer is on the disk before the next question, and the last word counts."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from data.errors import TriviumError
from evaluation.preferences.rankings import (
    Ranking,
    all_pairs,
    keep_ranking,
    pairs_of,
    rankings_path,
    read_rankings,
    who_ranked,
    withdraw,
)


def ranking(ranks: tuple[int, ...] | None, by: str = "ann", question: str = "q1") -> Ranking:
    return Ranking(question_id=question, question="Which?", answers=("a", "b", "c"), ranks=ranks, by=by)


def test_a_ranking_gives_every_two_answers_that_it_tells_apart() -> None:
    found = [(pair.chosen, pair.rejected) for pair in pairs_of(ranking((2, 1, 3)))]
    assert found == [("b", "a"), ("b", "c"), ("a", "c")]


def test_a_tie_and_all_bad_say_nothing() -> None:
    assert [(pair.chosen, pair.rejected) for pair in pairs_of(ranking((1, 1, 2)))] == [("a", "c"), ("b", "c")]
    assert list(pairs_of(ranking((1, 1, 1)))) == []
    assert list(pairs_of(ranking(None))) == []


def test_the_last_word_of_each_person_counts(tmp_path: Path) -> None:
    for one in (ranking((1, 2, 3)), ranking((3, 2, 1), by="bob"), ranking((2, 1, 3))):
        keep_ranking(tmp_path, one)
    assert read_rankings(tmp_path) == [ranking((2, 1, 3)), ranking((3, 2, 1), by="bob")]
    assert who_ranked(read_rankings(tmp_path)) == {"ann": 1, "bob": 1}
    assert {pair.by for pair in all_pairs(read_rankings(tmp_path), "bob")} == {"bob"}


def test_what_was_taken_back_is_gone_and_can_be_said_again(tmp_path: Path) -> None:
    keep_ranking(tmp_path, ranking((1, 2, 3)))
    withdraw(tmp_path, ranking((1, 2, 3)))
    assert read_rankings(tmp_path) == []
    keep_ranking(tmp_path, ranking((2, 1, 3)))
    assert read_rankings(tmp_path) == [ranking((2, 1, 3))]


def test_a_changed_line_is_named_and_a_torn_one_is_dropped(tmp_path: Path) -> None:
    keep_ranking(tmp_path, ranking((1, 2, 3)))
    keep_ranking(tmp_path, ranking((1, 2, 3), question="q2"))
    path = rankings_path(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert read_rankings(tmp_path) == [ranking((1, 2, 3))]
    path.write_bytes(whole.replace(b'"ann"', b'"eve"', 1))
    with pytest.raises(TriviumError, match=r"rankings\.jsonl, line 1: its checksum"):
        read_rankings(tmp_path)


def test_each_answer_needs_a_rank() -> None:
    for ranks in ((1, 2), (0, 1, 2)):
        with pytest.raises(ValidationError, match="each answer needs one rank"):
            ranking(ranks)


def test_a_line_holds_what_was_shown(tmp_path: Path) -> None:
    keep_ranking(tmp_path, ranking((1, 2, 3)))
    line = json.loads(rankings_path(tmp_path).read_text("utf-8"))
    assert line.pop("crc32")
    assert line == ranking((1, 2, 3)).model_dump(mode="json")
