"""Answers counted while another process writes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from data import jsonl
from evaluation.run.folder import ANSWERS
from ui.run.so_far import AnswersSoFar


def test_what_is_new_is_added_and_half_a_line_waits(tmp_path: Path, make_answer: Callable[..., Any]) -> None:
    path, so_far = tmp_path / ANSWERS, AnswersSoFar(tmp_path)
    assert so_far.look().counts == {}
    jsonl.append(path, [make_answer(method="base", answer=str(n), generation_s=0.5) for n in range(4)], checked=True)
    assert so_far.look().counts == {"base": 4}
    line = jsonl.dumps(make_answer(method="rag", answer="last")).encode()
    with path.open("ab") as file:
        file.write(line[:20])
    assert so_far.look().counts == {"base": 4}
    with path.open("ab") as file:
        file.write(line[20:])
    assert so_far.look().counts == {"base": 4, "rag": 1}
    assert [answer.answer for answer in so_far.latest] == ["2", "3", "last"]
    assert so_far.seconds == 2.0


def test_a_file_that_was_mended_is_counted_anew(tmp_path: Path, make_answer: Callable[..., Any]) -> None:
    path, so_far = tmp_path / ANSWERS, AnswersSoFar(tmp_path)
    jsonl.write(path, [make_answer(method="base") for _ in range(4)], checked=True)
    so_far.look()
    jsonl.write(path, [make_answer(method="rag")], checked=True)
    assert so_far.look().counts == {"rag": 1}
