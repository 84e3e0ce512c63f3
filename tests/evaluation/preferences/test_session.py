"""A person ranks in the terminal: blind, shuffled, kept at once, with undo."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluation.preferences.candidates import Candidates
from evaluation.preferences.rankings import read_rankings
from evaluation.preferences.session import not_ranked_yet, rank_answers, shown_order


def candidates(count: int, answers: tuple[str, ...] = ("red", "blue", "[b]green[/b]\x1b[2J")) -> list[Candidates]:
    return [
        Candidates(
            drawing="d", question_id=f"q{n}", question=f"Which colour {n}?", answers=answers,
            sources=tuple(f"source-{place}" for place in range(len(answers))),
        )
        for n in range(count)
    ]  # fmt: skip


def rank(run: Path, todo: list[Candidates], *typed: str, seed: int = 0) -> tuple[int, str]:
    left: Iterator[str] = iter(typed)
    out = StringIO()
    done = rank_answers(run, todo, "ann", lambda prompt: next(left), Console(file=out, width=200), seed)
    return done, out.getvalue()


def test_the_key_means_the_answer_that_stood_there(tmp_path: Path) -> None:
    (todo,) = candidates(1)
    order = shown_order(todo, "ann", 0)
    rank(tmp_path, [todo], "2")
    (kept,) = read_rankings(tmp_path)
    assert kept.ranks is not None
    assert kept.ranks[order[1]] == 1
    assert sorted(kept.ranks) == [1, 2, 2]
    assert (kept.by, kept.kind) == ("ann", "person")


def test_each_ranking_is_on_the_disk_before_the_next_question(tmp_path: Path) -> None:
    seen = []

    def ask(prompt: str) -> str:
        seen.append(len(read_rankings(tmp_path)))
        return "1"

    rank_answers(tmp_path, candidates(3), "ann", ask, Console(file=StringIO()), 0)
    assert seen == [0, 1, 2]


def test_nobody_sees_whose_answer_it_is(tmp_path: Path) -> None:
    _, text = rank(tmp_path, candidates(2), "1", "b")
    assert "source" not in text
    assert "[b]green[/b]" in text, "an answer is no markup"


def test_the_order_is_shuffled_anew_for_each_question_and_person() -> None:
    orders = {tuple(shown_order(one, by, 0)) for one in candidates(20) for by in ("ann", "bob")}
    assert len(orders) == 6, "all orders of three answers"
    assert shown_order(candidates(1)[0], "ann", 0) == shown_order(candidates(1)[0], "ann", 0)


def test_undo_takes_the_last_ranking_back_and_asks_again(tmp_path: Path) -> None:
    done, text = rank(tmp_path, candidates(2), "u", "1", "u", "b", "321")
    assert done == 2
    assert [one.ranks is None for one in read_rankings(tmp_path)] == [True, False]
    assert text.count("Which colour 0?") == 2


def test_skipping_and_quitting_keep_what_is_done(tmp_path: Path) -> None:
    todo = candidates(4)
    done, _ = rank(tmp_path, todo, "s", "x", "", "1=2", "q")
    assert done == 1
    assert [one.question_id for one in not_ranked_yet(tmp_path, todo, "ann")] == ["q0", "q2", "q3"]
    assert len(not_ranked_yet(tmp_path, todo, "bob")) == 4


def test_the_end_of_the_input_loses_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    from evaluation.cli.terminal import ask_person

    monkeypatch.setattr("sys.stdin", StringIO("1\n"))
    assert rank_answers(tmp_path, candidates(3), "ann", ask_person, Console(file=StringIO()), 0) == 1
    assert len(read_rankings(tmp_path)) == 1
