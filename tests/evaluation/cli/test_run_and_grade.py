"""A run is graded while it goes on, and each answer once."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from data.load import load_domain
from evaluation.cli import run_and_grade as module
from evaluation.cli.display import Display
from evaluation.grading.grader import Grader
from evaluation.report.methods_table import PROGRESS
from evaluation.run.folder import RunFolder
from evaluation.run.plan import make_plan
from evaluation.run.runner import MethodFinished
from evaluation.run.settings import RunSettings


@pytest.fixture
def finished(make_domain: Callable[..., Path], make_run: Any, right: Any) -> RunFolder:
    made: RunFolder = make_run("made", load_domain(make_domain()), {name: right for name in ("base", "rag", "lora")})
    return made


def test_each_answer_is_graded_once_and_each_method_shown_when_it_is_there(
    finished: RunFolder, embedder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, graded = finished.answers(), Counter[str]()
    expected = finished.rows("scores.jsonl")
    for name in ("answers.jsonl", "scores.jsonl", "results.json"):
        (finished.path / name).unlink()

    class Counting(Grader):
        def grade(self, items: Any, *rest: Any) -> Any:
            graded.update(f"{question.id} {answer}" for question, answer in items)
            return super().grade(items, *rest)

    def run(*_: Any) -> Iterator[MethodFinished]:
        for name in ("base", "rag", "lora"):
            finished.append_answers([answer for answer in answers if answer.method == name])
            yield MethodFinished(name)

    monkeypatch.setattr(module, "Grader", lambda **_: Counting(embedder))
    monkeypatch.setattr(module, "start_or_continue", run)
    display = Display(Console(quiet=True), [column.name for column in PROGRESS])
    settings = RunSettings.model_validate(finished.record()["settings"])
    domain = load_domain(settings.domain)
    results = module.run_and_grade(domain, settings, make_plan(domain, settings), finished.path, "digest", display)
    assert graded.total() == len(answers)
    assert finished.rows("scores.jsonl") == expected
    assert [row[0] for row in display.rows] == ["base", "rag", "lora"] == list(results.methods)
    assert finished.record()["grading_s"] > 0
