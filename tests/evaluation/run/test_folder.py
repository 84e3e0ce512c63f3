"""What a kill leaves behind is told from what is whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from evaluation.run.folder import RunFolder, write_json, write_text


def test_torn_lines_and_torn_batches_are_dropped(tmp_path: Path, make_answer: Callable[..., Any]) -> None:
    def batch(number: int, *questions: str) -> list[Any]:
        return [make_answer(question_id=name, batch=number, batch_rows=2, answer="é") for name in questions]

    folder = RunFolder(tmp_path)
    folder.append_answers(batch(0, "a", "b"))
    folder.append_answers(batch(1, "c", "d"))
    path = tmp_path / "answers.jsonl"
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        kept = [line.question_id for line in folder.answers()]
        finished = whole[:size].count(b"\n")
        assert kept == ["a", "b"] * (finished >= 2), size
    path.write_bytes(whole[:-3])
    folder.drop_torn_answers()
    assert path.read_bytes() == whole[: len(whole) // 2]
    folder.append_answers(batch(1, "c", "d"))
    assert path.read_bytes() == whole


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud800")
    assert path.read_text(encoding="utf-8") == '{\n "a": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no run here"):
        RunFolder(tmp_path).record()
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(TriviumError, match="line 1: not valid JSON"):
        RunFolder(tmp_path).record()
    with pytest.raises(TriviumError, match="trivium resume"):
        RunFolder(tmp_path).results()


def test_results_of_another_version_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"schema_version": 1}', encoding="utf-8")
    with pytest.raises(TriviumError, match="made by another version"):
        RunFolder(tmp_path).results()
