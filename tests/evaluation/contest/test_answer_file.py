"""Answers that were given already: joined by id or wording, never by chance."""

from pathlib import Path

import pytest

from data.errors import TriviumError
from evaluation.contest.answer_file import AnswerFile
from evaluation.contest.system import Failure, Limits, Request


def read(path: Path, *lines: str) -> AnswerFile:
    path.write_text("\n".join(lines), encoding="utf-8")
    return AnswerFile("own:a", str(path), Limits())


def test_by_id_first_then_by_wording_in_any_usual_column(tmp_path: Path) -> None:
    file = read(
        tmp_path / "a.jsonl",
        '{"id": "q1", "answer": "otter", "usage": {"usd": 0.1}}',
        '{"user_input": "Which  ANIMAL?", "response": "seal", "retrieved_contexts": ["a seal"]}',
        '{"id": 7, "question": "Who?", "candidate": null}',
    )
    assert file.ask(Request("q1", "Which animal?")).answer == "otter"
    reply = file.ask(Request("q2", "which animal"))
    assert (reply.answer, reply.passages and reply.passages[0].text) == ("seal", "a seal")
    missing = [Request("7", "Who?"), Request("q9", "What?")]
    assert file.unanswered([Request("q1", ""), *missing]) == missing, "null is no answer"
    with pytest.raises(Failure, match=r"a\.jsonl has no answer to it"):
        file.ask(missing[1])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("",), "the file holds no answer"),
        (("[1]",), "line 1: it is no answer; a line is"),
        (('{"answer": "x"}',), "line 1: it is no answer"),
        (('{"id": "q"}',), "line 1: it is no answer"),
        (('{"id": "q", "answer": "x"}', '{"id": "q", "answer": "y"}'), "line 2: a second answer to 'q'"),
        (('{"question": "Q?", "answer": "x"}', '{"question": "q", "answer": "y"}'), "line 2: a second answer to 'q'"),
        (('{"id": "q", "answer": 3}',), "line 1: it answered in another form"),
        (("{",), "line 1: not valid JSON"),
    ],
)
def test_what_is_no_file_of_answers(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(TriviumError, match=said):
        read(tmp_path / "a.jsonl", *lines)
    with pytest.raises(TriviumError, match="No such file"):
        AnswerFile("own:a", str(tmp_path / "lost.jsonl"), Limits())
