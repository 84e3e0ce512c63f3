"""Answers that were given already, in a file: joined with the questions by id, else by their wording."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data import jsonl
from data.errors import TriviumError
from data.leaks import normalised
from data.questions.columns import ID, QUESTION, SAID, column
from evaluation.contest.reply import Reply, Unusable, reply_of
from evaluation.contest.system import Failure, Limits, Request

_ANSWER = ("answer", *SAID)
_PASSAGES = ("passages", "retrieved_contexts", "contexts")
FORM = '{"id" or "question", "answer"[, "passages", "usage"]}'


def _first(row: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


class AnswerFile:
    """The answers of a file of JSON lines.

    Raises:
        TriviumError: the file cannot be read, a line is no answer, or two lines answer the same question.
    """

    def __init__(self, name: str, address: str, limits: Limits) -> None:
        self.path = Path(address)
        self._replies: dict[tuple[str, str], Reply | None] = {}
        for line in jsonl.lines(self.path):
            self._take(line)
        if not self._replies:
            raise TriviumError(f"{self.path}: the file holds no answer. A line is {FORM}.")

    def _take(self, line: jsonl.Line) -> None:
        content = line.value()
        if not isinstance(content, dict):
            raise line.error(f"it is no answer; a line is {FORM}")
        row = {column(name): value for name, value in content.items()}
        identity, question = _first(row, ID), _first(row, QUESTION)
        keys = [("id", str(identity))] if identity is not None else []
        keys += [("question", normalised(question))] if isinstance(question, str) else []
        if not keys or not any(name in row for name in _ANSWER):
            raise line.error(f"it is no answer; a line is {FORM}")
        if keys[0] in self._replies:
            raise line.error(f"a second answer to '{identity if identity is not None else question}'")
        said = _first(row, _ANSWER)
        record = {"answer": said, "passages": _first(row, _PASSAGES), "usage": row.get("usage")}
        try:
            reply = None if said is None else reply_of(record)
        except Unusable as error:
            raise line.error(error) from error
        for key in keys:
            self._replies.setdefault(key, reply)

    def _reply(self, request: Request) -> Reply | None:
        keys = (("id", request.id), ("question", normalised(request.question)))
        return next((self._replies[key] for key in keys if key in self._replies), None)

    def ready(self) -> None: ...

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        return [request for request in requests if self._reply(request) is None]

    def ask(self, request: Request) -> Reply:
        if (reply := self._reply(request)) is None:
            raise Failure(f"{self.path.name} has no answer to it")
        return reply

    def close(self) -> None: ...
