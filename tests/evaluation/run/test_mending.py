"""What is damaged in a run is named with file and line; going on asks its batch again and nothing else."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.cache_entry import seal
from data.errors import TriviumError
from data.load import load_domain
from evaluation.analysis.compare import compare_runs
from evaluation.analysis.graded_run import GradedRun
from evaluation.grading.score import score_answers
from evaluation.results.file import read_results
from evaluation.run.folder import LINES, RunFolder
from evaluation.run.mending import mend


@pytest.fixture
def folder(make_domain: Callable[..., Path], make_run: Any, right: Any) -> RunFolder:
    """A complete run with the counts that a real one has; rag's answers in batches of two."""
    made: RunFolder = make_run("made", load_domain(make_domain()), {"base": right, "rag": right})
    base, rag = ([a for a in made.answers() if a.method == name] for name in ("base", "rag"))
    sizes = [len(rag[start : start + 2]) for start in range(0, len(rag), 2)]
    batched = [a.model_copy(update={"batch": n // 2, "batch_rows": sizes[n // 2]}) for n, a in enumerate(rag)]
    made.replace_answers([*base, *batched])
    record, counts = made.record(), Counter(answer.method for answer in made.answers())
    for method, seeds in record["methods"].items():
        seeds["0"]["answers"] = counts[method]
    made.save_record(record | {"lines": made.count_lines()})
    return made


def flip(path: Path, line: int, place: int = 20) -> None:
    """One bit in a line, counted from 1."""
    lines = path.read_bytes().split(b"\n")
    changed = bytearray(lines[line - 1])
    changed[place] ^= 1
    lines[line - 1] = bytes(changed)
    path.write_bytes(b"\n".join(lines))


READERS: dict[str, Callable[[RunFolder], Any]] = {
    "score": score_answers, "report": read_results, "compare": lambda run: compare_runs(run, run),
    "answers": lambda run: GradedRun(run).answers,
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_part_is_never_shown_as_the_whole(folder: RunFolder, reader: str) -> None:
    lines = len((folder.path / "answers.jsonl").read_bytes().splitlines())
    READERS[reader](folder)
    flip(folder.path / "answers.jsonl", lines)
    with pytest.raises(TriviumError, match=rf"answers\.jsonl, line {lines}: .* `trivium resume {folder.path}`"):
        READERS[reader](folder)


@pytest.mark.parametrize("reader", READERS)
def test_whole_lines_that_are_missing_are_counted(folder: RunFolder, reader: str) -> None:
    path = folder.path / "answers.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    with pytest.raises(TriviumError, match=rf"answers\.jsonl: it has .* `trivium resume {folder.path}`"):
        READERS[reader](folder)


@pytest.mark.parametrize("reader", ["report", "compare"])
def test_results_of_a_run_that_has_to_go_on_are_not_shown(folder: RunFolder, reader: str) -> None:
    """A `resume` that was killed after it took the damage out leaves results.json of the time before."""
    flip(folder.path / "answers.jsonl", 3)
    mend(folder)
    with pytest.raises(TriviumError, match=rf"the run is not finished. `trivium resume {folder.path}` finishes it"):
        READERS[reader](folder)


def test_only_the_batch_of_a_damaged_line_is_asked_again(folder: RunFolder) -> None:
    before = folder.answers()
    place = next(n for n, answer in enumerate(before) if answer.method == "rag")
    flip(folder.path / "answers.jsonl", place + 1)
    (told,) = mend(folder)
    assert f"answers.jsonl, line {place + 1}: " in told
    assert "asked again" in told
    assert folder.answers() == [a for a in before if (a.method, a.batch) != ("rag", before[place].batch)]
    record = folder.record()
    complete = {name: entry["0"]["complete"] for name, entry in record["methods"].items()}
    assert (record["status"], complete) == ("running", {"base": True, "rag": False})
    assert mend(folder) == []


@pytest.mark.parametrize("name", set(LINES) - {"answers.jsonl"})
def test_every_other_file_is_made_again(folder: RunFolder, name: str) -> None:
    path = folder.path / name
    if not path.exists():
        folder.write_rows(name, [{"a": "something that is long enough", "b": 2}])
        folder.save_record(folder.record() | {"lines": folder.count_lines()})
    flip(path, 1)
    before = folder.answers()
    (told,) = mend(folder)
    assert f"{name}, line 1: " in told
    assert not path.exists()
    assert folder.answers() == before
    again = {entry["0"]["complete"] for entry in folder.record()["methods"].values()}
    assert again == {False}  # general questions and those of a self-study are written by the methods


def test_an_undamaged_run_stays_as_it_is(folder: RunFolder) -> None:
    before = {path.name: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}
    assert mend(folder) == []
    assert before == {path.name: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}


def test_runs_without_checksums_and_counts_are_read_and_mended(folder: RunFolder) -> None:
    answers, scores = folder.answers(), folder.rows("scores.jsonl")
    path = folder.path / "answers.jsonl"
    path.write_text("".join(answer.model_dump_json() + "\n" for answer in answers), encoding="utf-8")
    record = folder.record()
    record.pop("lines")
    for seeds in record["methods"].values():
        seeds["0"].pop("answers")
    (folder.path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert score_answers(folder) == scores
    path.write_bytes(path.read_bytes().replace(b'{"method"', b'{"mephod"', 1))
    with pytest.raises(TriviumError, match=r"answers\.jsonl, line 1: 'method': "):
        score_answers(folder)
    mend(folder)
    assert not any(entry["0"]["complete"] for entry in folder.record()["methods"].values())


def test_a_damaged_adapter_is_named_and_leaves(folder: RunFolder) -> None:
    adapter = folder.path / "adapters" / "seed-0"
    adapter.mkdir(parents=True)
    (adapter / "weights").write_bytes(b"numbers")
    seal(adapter)
    read_results(folder)
    (adapter / "weights").write_bytes(b"numbert")
    with pytest.raises(TriviumError, match=r"seed-0/weights: .*trivium resume"):
        read_results(folder)
    (told,) = mend(folder)
    assert str(adapter / "weights") in told
    assert not adapter.exists()


def test_a_damaged_record_is_named(folder: RunFolder) -> None:
    content = (folder.path / "run.json").read_text(encoding="utf-8")
    (folder.path / "run.json").write_text(content.replace('"prepare_s": 1.0', '"prepare_s": 9.0', 1), encoding="utf-8")
    for read in (read_results, score_answers, mend):
        with pytest.raises(TriviumError, match=r"run\.json: its digest does not fit"):
            read(folder)


def test_a_grade_that_is_missing_is_said(folder: RunFolder) -> None:
    folder.write_rows("scores.jsonl", folder.rows("scores.jsonl")[:-1])
    with pytest.raises(TriviumError, match=rf"no grade of rag's answer .* `trivium score {folder.path}`"):
        compare_runs(folder, folder)
