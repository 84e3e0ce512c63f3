"""What a kill leaves behind is told from what is whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.errors import TriviumError
from data.load import load_domain
from evaluation.grading.rules import GradeName
from evaluation.results.file import read_results
from evaluation.run.folder import GRADES, RunFolder


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
        finished = whole[:size].count(b'"}')  # a line with its checksum is whole, be its end on the disk or not
        assert "".join(kept) == {0: "", 1: "", 2: "ab", 3: "ab", 4: "abcd"}[finished], size
    path.write_bytes(whole[:-3])
    folder.replace_answers(folder.answers())
    assert path.read_bytes() == whole[: len(whole) // 2]
    folder.append_answers(batch(1, "c", "d"))
    assert path.read_bytes() == whole


def test_a_damaged_answer_before_the_last_is_named(tmp_path: Path, make_answer: Callable[..., Any]) -> None:
    folder, path = RunFolder(tmp_path), tmp_path / "answers.jsonl"
    folder.append_answers([make_answer(question_id=name, batch_rows=3) for name in "abc"])
    lines = path.read_bytes().splitlines(keepends=True)
    for broken in (b'{"method"\n', lines[1].replace(b"{", b"\xff"), lines[1].replace(b'"batch"', b'"batsh"')):
        path.write_bytes(lines[0] + broken + lines[2])
        with pytest.raises(TriviumError, match=r"answers\.jsonl, line 2: .*trivium resume"):
            folder.answers()


def test_line_separators_inside_an_answer_do_not_end_its_line(tmp_path: Path, make_answer: Callable[..., Any]) -> None:
    folder = RunFolder(tmp_path)
    texts = ["at\u2028dusk", "at\u2029dawn", "at\u0085noon", "plain"]
    for number, text in enumerate(texts):
        folder.append_answers([make_answer(question_id=str(number), batch=number, batch_rows=1, answer=text)])
    assert [answer.answer for answer in folder.answers()] == texts
    folder.replace_answers(folder.answers())
    assert [answer.answer for answer in folder.answers()] == texts


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="no run here"):
        RunFolder(tmp_path).record()
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(TriviumError, match="line 1: not valid JSON"):
        RunFolder(tmp_path).record()
    (tmp_path / "run.json").write_text('{"status": "running", "settings": {}}', encoding="utf-8")
    with pytest.raises(TriviumError, match="trivium resume"):
        read_results(RunFolder(tmp_path))


def test_results_of_another_version_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"schema_version": 1}', encoding="utf-8")
    with pytest.raises(TriviumError, match="made by another version"):
        read_results(RunFolder(tmp_path))


@pytest.mark.parametrize("field", ["generation_s", "retrieval_s", "completion_tokens", "prompt_tokens"])
@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_named(tmp_path: Path, make_answer: Any, field: str, value: str) -> None:
    """In runs of others and of earlier versions, whose lines have no checksum."""
    folder = RunFolder(tmp_path)
    line = make_answer().model_dump_json()
    (tmp_path / "answers.jsonl").write_text(f"{line}\n", encoding="utf-8")
    (before,) = folder.answers()
    number = str(getattr(before, field))
    (tmp_path / "answers.jsonl").write_text(line.replace(f'"{field}":{number}', f'"{field}":{value}') + "\n", "utf-8")
    with pytest.raises(TriviumError, match=rf"answers\.jsonl, line 1: .*({field}|NaN|Infinity)"):
        folder.answers()


def test_a_slowdown_of_nothing_is_named(tmp_path: Path, make_answer: Any) -> None:
    line = make_answer().model_dump_json().replace('"slowdown":1.0', '"slowdown":0.0')
    (tmp_path / "answers.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(TriviumError, match=r"answers\.jsonl, line 1: 'slowdown'"):
        RunFolder(tmp_path).answers()


def test_a_grade_that_is_none_is_named(make_domain: Callable[..., Path], make_run: Any, right: Any) -> None:
    assert set(GRADES) == set(GradeName)
    folder = make_run("made", load_domain(make_domain(facts=2)), {"base": right})
    rows = [{key: value for key, value in row.items() if key != "crc32"} for row in folder.rows("scores.jsonl")]
    rows[0]["grade"] = "great"
    folder.write_rows("scores.jsonl", rows)
    with pytest.raises(TriviumError, match=r"scores\.jsonl: 'great' is no grade. `trivium score"):
        folder.scores(folder.answers())
