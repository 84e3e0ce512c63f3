"""A server that answers, and every way in which it may not: one reason each, asked again only where that helps."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from contestants import hang, json_server, respond, serving

from evaluation.contest.over_http import HttpSystem
from evaluation.contest.reply import MAX_BYTES
from evaluation.contest.system import Failure, Limits, Request, open_system

ASKED = Request("q1", "Which animal?", "Answer briefly.", "en")


def test_the_request_and_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_KEY_MINE", " secret ")
    seen: list[Any] = []

    def answer(asked: dict[str, Any], handler: BaseHTTPRequestHandler) -> None:
        seen.append((asked, handler.headers["Authorization"]))
        respond(handler, json.dumps({"answer": "otter", "passages": [{"document": "a.md", "text": "An otter."}]}))

    with serving(answer) as url:
        system = open_system("own:mine", url, Limits())
        system.ready()
        reply = system.ask(ASKED)
        system.close()
    assert isinstance(system, HttpSystem)
    assert reply.answer == "otter"
    assert seen == [
        ({"question": "Which animal?", "instruction": "Answer briefly.", "language": "en"}, "Bearer secret")
    ]
    assert system.unanswered([ASKED]) == []


Misbehave = Callable[[BaseHTTPRequestHandler], None]


@pytest.mark.parametrize(
    ("misbehave", "reason", "again", "gone"),
    [
        (lambda h: respond(h, "boom \x1b[31m", 500), r"^HTTP 500: 'boom'$", True, False),
        (lambda h: respond(h, "slow down", 429, Retry_After="7"), "^HTTP 429", True, False),
        (lambda h: respond(h, "", 404), "^HTTP 404: an empty reply$", False, True),
        (lambda h: respond(h, "who?", 401), r"^HTTP 401 \(its key is read from TRIVIUM_KEY_MINE\)", False, True),
        (lambda h: respond(h, "bad", 400), "^HTTP 400", False, False),
        (lambda h: respond(h, "", 302, Location="http://x/"), "^it sends on to http://x/", False, True),
        (lambda h: respond(h, "<html>"), r"^its reply is no JSON \(Expecting value.*<html>", True, False),
        (lambda h: respond(h, b"\xff"), "^its reply is no JSON", True, False),
        (lambda h: respond(h, "["), "^its reply is no JSON", True, False),
        (lambda h: respond(h, "[" * 100_000), "^its reply is no JSON.*nested too deep", True, False),
        (lambda h: respond(h, '{"answer": null}'), "^its answer is null", False, False),
        (lambda h: respond(h, '{"text": "x"}'), "^it answered in another form than", False, False),
        (lambda h: respond(h, b" " * (MAX_BYTES + 1)), "^its reply is larger than 4 MiB", False, False),
        (lambda h: h.connection.shutdown(2), "^the connection broke", True, False),
        (hang, "^no answer within 0.3 seconds$", True, False),
    ],
)  # fmt: skip
def test_what_may_go_wrong(misbehave: Misbehave, reason: str, again: bool, gone: bool) -> None:
    with serving(lambda _, handler: misbehave(handler)) as url:
        system = HttpSystem("own:mine", url, Limits(0.3, 1))
        with pytest.raises(Failure, match=reason) as failure:
            system.ask(ASKED)
    assert (failure.value.again, failure.value.gone) == (again, gone)
    if "429" in reason:
        assert failure.value.wait == 7


def test_nobody_there() -> None:
    with json_server(lambda asked: "x") as url:
        pass
    system = HttpSystem("own:mine", url, Limits(1))
    with pytest.raises(Failure, match=r"^it cannot be reached \(Connection refused\)") as failure:
        system.ready()
    assert failure.value.gone
    with pytest.raises(Failure, match=r"^it cannot be reached .*Connection refused") as failure:
        system.ask(ASKED)
    assert failure.value.gone
