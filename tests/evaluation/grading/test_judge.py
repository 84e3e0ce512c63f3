"""A judge at an endpoint on this machine: blind, shuffled, refused while it does not agree with people."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer, be_impatient, serving
from typer.testing import CliRunner

from data.errors import TriviumError
from data.schema import Question
from evaluation.cli.main import app
from evaluation.grading.judge import Judge
from evaluation.grading.rules import GradeName


@pytest.fixture
def server() -> Iterator[FakeServer]:
    def say(messages: Any) -> str:
        return "right" if "Reply: good" in messages[1]["content"] else "wrong"

    with serving(FakeServer(say, model="m")) as found:
        yield found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)


def ask(answer: str) -> Question:
    return Question(id="q", question="What is it like?", answers=(answer,))


def test_only_what_rules_leave_open_is_asked_blind_and_shuffled(server: FakeServer) -> None:
    items = [(ask("fine weather"), f"good {word}") for word in ("a", "b", "c", "d", "e", "f")]
    items += [(ask("fine weather"), "fine weather"), (ask("fine weather"), "bad")]
    grades = Judge("m", server.url).grade(items, limit=40)
    assert [g.grade for g in grades] == [GradeName.CORRECT] * 7 + [GradeName.WRONG]
    assert [g.by for g in grades] == ["judge"] * 6 + ["rules", "judge"]
    replies = [body["messages"][1]["content"].rpartition("Reply: ")[2][:6] for body in server.chats]
    assert len(replies) == 7
    assert replies != sorted(replies), "not in the order of the file"
    assert {path for _, path, _ in server.requests} == {"/v1/chat/completions"}
    assert all("fine weather" in body["messages"][1]["content"] for body in server.chats), "the reference is given"


def test_a_judge_that_gives_no_verdict_leaves_the_answer_unscored(server: FakeServer) -> None:
    server.answer = lambda messages: "It could be right or wrong."
    assert Judge("m", server.url).grade([(ask("x y"), "z")], 40)[0].grade is GradeName.UNSCORED
    server.answer = lambda messages: "<think>wrong? no</think>Right."
    assert Judge("m", server.url).grade([(ask("x y"), "z")], 40)[0].grade is GradeName.CORRECT


def test_an_unreachable_judge_is_one_sentence() -> None:
    with pytest.raises(TriviumError, match="does not answer"):
        Judge("m", "http://127.0.0.1:9/v1").grade([(ask("x y"), "z")], 40)


def _labelled(path: Path, n: int, honest: bool) -> Path:
    rows = [
        {"id": str(i), "question": f"What is it like {i}?", "answers": ["fine weather"],
         "candidate": "good" if i % 2 else "bad", "correct": (i % 2 == 1) is honest}
        for i in range(n)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_its_agreement_is_printed_before_it_is_used(server: FakeServer, tmp_path: Path) -> None:
    file = _labelled(tmp_path / "a.jsonl", 60, honest=True)
    done = CliRunner().invoke(app, ["grade", str(file), "--judge", server.url, "--judge-model", "m"])
    assert done.exit_code == 0, done.output
    assert done.output.index("kappa 1.000") < done.output.index("60 answers: 30 correct, 30 wrong")


def test_for_programs_only_json_and_what_it_left_open_is_no_disagreement(server: FakeServer, tmp_path: Path) -> None:
    """Some answers get no verdict; the others are compared, and all agree."""

    def say(messages: Any) -> str:
        text = messages[1]["content"]
        return "hm" if " 1?" in text or " 2" in text[:40] else ("right" if "good" in text else "wrong")

    server.answer = say
    file = _labelled(tmp_path / "a.jsonl", 60, honest=True)
    done = CliRunner().invoke(app, ["grade", str(file), "--judge", server.url, "--judge-model", "m", "--json"])
    found = json.loads(done.stdout)
    assert found["grades"]["unscored"] > 0
    assert found["n"] == 60 - found["grades"]["unscored"]
    assert found["kappa"] == 1


def test_a_judge_that_disagrees_with_people_or_was_not_tested_is_not_used(server: FakeServer, tmp_path: Path) -> None:
    options = ["--judge", "openai:m", "--base-url", server.url]
    wrong = CliRunner().invoke(app, ["grade", str(_labelled(tmp_path / "a.jsonl", 60, honest=False)), *options])
    assert isinstance(wrong.exception, TriviumError)
    assert "agrees too little" in str(wrong.exception)
    few = CliRunner().invoke(app, ["grade", str(_labelled(tmp_path / "b.jsonl", 10, honest=True)), *options])
    assert "10 labels, 50 needed" in str(few.exception)
