"""What is not let through, who waits and who need not, and what a server leaves in its log."""

import http.client
import json
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from openai import APIStatusError, OpenAI

from evaluation.serve.gate import Rules

KEY = "a key of thirty-two characters.."
QUESTION = {"model": "rag", "messages": [{"role": "user", "content": "Which animal is on the flag?"}]}


def request(
    address: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], Any]:
    """Status, headers and content of a reply to any bytes."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    given = {"Content-Type": "application/json"} | (headers or {})
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        connection.request("GET" if body is None else "POST", path, content, given)
        reply = connection.getresponse()
        text = reply.read()
    told = {name.lower(): value for name, value in reply.headers.items()}
    return reply.status, told, json.loads(text) if "json" in told.get("content-type", "") else text


def sent(address: str, body: dict[str, Any]) -> socket.socket:
    """A connection whose request was sent and whose reply nobody has read."""
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname, place.port))
    content = json.dumps(body).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    return connection


def until(condition: Callable[[], bool]) -> None:
    """Wait; a test that waits for ever is ended from outside."""
    while not condition():
        time.sleep(0.01)


def waiting(address: str) -> int:
    return int(request(address, "/healthz")[2]["waiting"])


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/chat/completions", b"{no json", 400, "invalid_json"),
        ("/v1/chat/completions", b"", 400, "invalid_value"),
        ("/v1/chat/completions", b"[1]", 400, "invalid_value"),
        ("/v1/chat/completions", b"\xff\xfe\x00", 400, "invalid_json"),
        ("/v1/chat/completions", b"[" * 100_000, 400, "invalid_json"),
        ("/v1/chat/completions", {"model": "rag"}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"model": "gpt-9"}, 404, "model_not_found"),
        ("/v1/chat/completions", QUESTION | {"n": 2}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"tools": [{"type": "function"}]}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"max_tokens": 10**6}, 400, "too_many_tokens"),
        ("/v1/chat/completions", QUESTION | {"max_tokens": 0}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"temperature": -1}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"stop": ["a", "b", "c", "d", "e"]}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"messages": [{"role": "user", "content": " "}]}, 400, "invalid_value"),
        ("/v1/chat/completions", QUESTION | {"messages": [{"role": "tool", "content": "x"}]}, 400, "invalid_value"),
        ("/v1/completions", {"model": "rag", "prompt": [1, 2]}, 400, "invalid_value"),
        ("/v1/embeddings", {"model": "rag", "input": "x"}, 404, "model_not_found"),
        ("/v1/embeddings", {"model": "all-minilm-l6-v2", "input": [[1, 2]]}, 400, "invalid_value"),
        ("/v1/ask", {"question": "Who?", "methods": ["oracle"]}, 404, "model_not_found"),
        ("/v1/nothing", {"x": 1}, 404, "not_found"),
        ("/healthz", {"x": 1}, 405, "method_not_allowed"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_the_form_of_openai(
    serve: Callable[..., Any], path: str, body: Any, status: int, code: str
) -> None:
    with serve() as address:
        got, _, content = request(address, path, body)
        assert (got, content["error"]["code"]) == (status, code)
        assert set(content["error"]) == {"message", "type", "param", "code"}
        assert request(address, "/healthz")[0] == 200


def test_a_body_that_is_too_large_is_not_read(serve: Callable[..., Any]) -> None:
    with serve(Rules(body_bytes=1000)) as address:
        assert request(address, "/v1/ask", b"x" * 1001)[0] == 413
        chunked = {"Transfer-Encoding": "chunked"}
        status, _, content = request(address, "/v1/ask", b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", chunked)
        assert (status, content["error"]["code"]) == (413, "body_too_large")


def test_a_prompt_that_does_not_fit_the_window_takes_no_other_with_it(
    serve: Callable[..., Any], client_of: Callable[..., OpenAI]
) -> None:
    long = [{"role": "user", "content": "otter " * 3000}]
    with serve(window_ms=300) as address, ThreadPoolExecutor(3) as pool:
        client = client_of(address)
        good = [pool.submit(client.chat.completions.create, **QUESTION) for _ in range(2)]
        with pytest.raises(APIStatusError) as told:
            client.chat.completions.create(model="rag", messages=long)
        assert (told.value.status_code, told.value.code) == (400, "context_length_exceeded")
        assert all(one.result().choices for one in good)


def test_without_the_key_only_the_health_is_told(serve: Callable[..., Any], client_of: Callable[..., OpenAI]) -> None:
    with serve(Rules(key=KEY)) as address:
        assert request(address, "/healthz")[0] == 200
        for path in ("/v1/models", "/metrics", "/openapi.json", "/v1/nothing"):
            status, headers, content = request(address, path)
            assert (status, content["error"]["code"], headers["www-authenticate"]) == (401, "invalid_api_key", "Bearer")
        for wrong in (KEY[:-1], f"{KEY}x", "", "é"):
            assert request(address, "/v1/models", headers={"Authorization": f"Bearer {wrong}"})[0] == 401
        assert client_of(address, KEY).models.list().data
        assert KEY not in repr(Rules(key=KEY))


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("127.0.0.1:1", 200), ("[::1]:80", 200), ("ask.example", 200), ("ASK.example:80", 200),
     ("evil.example", 421), ("localhost.evil.example:8321", 421), ("", 421)],
)  # fmt: skip
def test_only_known_names_are_answered(serve: Callable[..., Any], host: str, status: int) -> None:
    with serve(Rules(hosts=("ask.example",))) as address:
        assert request(address, "/v1/models", headers={"Host": host})[0] == status


def test_who_finds_no_place_is_told_when_to_come_again(
    serve: Callable[..., Any], slow: Any, client_of: Callable[..., OpenAI]
) -> None:
    with serve(on=slow, queue=2, window_ms=0) as address, ThreadPoolExecutor(4) as pool:
        client = client_of(address)
        first = pool.submit(client.chat.completions.create, **QUESTION)
        until(lambda: len(slow.asked) == 1)
        others = [pool.submit(client.chat.completions.create, **QUESTION) for _ in range(2)]
        until(lambda: waiting(address) == 2)
        status, headers, content = request(address, "/v1/chat/completions", QUESTION)
        assert (status, content["error"]["code"]) == (429, "queue_full")
        assert 1 <= int(headers["retry-after"]) <= 60
        assert request(address, "/v1/ask", {"question": "Who?"})[0] == 429, "all of its places or none"
        slow.go.set()
        assert [one.result().choices[0].message.content for one in (first, *others)] == ["so far so good"] * 3
        retrying = OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=1)
        assert retrying.chat.completions.create(**QUESTION).choices


def test_who_would_wait_in_vain_finds_no_place(serve: Callable[..., Any], slow: Any) -> None:
    """The queue has room, but what waits is expected to take longer than a request may."""
    with serve(on=slow, queue=100, window_ms=0, time_limit=6) as address, ThreadPoolExecutor(4) as pool:
        first = [pool.submit(request, address, "/v1/chat/completions", QUESTION) for _ in range(3)]
        until(lambda: len(slow.asked) + waiting(address) == 3)  # of 1 s each, as far as is known: more than 0.4 * 6
        status, _, content = request(address, "/v1/chat/completions", QUESTION)
        assert (status, content["error"]["code"]) == (429, "queue_full")
        slow.go.set()
        assert [one.result()[0] for one in first] == [200] * 3
        assert request(address, "/v1/chat/completions", QUESTION)[0] == 200, "it was faster than expected"


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_frees_its_place(serve: Callable[..., Any], slow: Any, stream: bool) -> None:
    with serve(on=slow, queue=1, window_ms=0) as address:
        answered = sent(address, QUESTION | {"stream": stream})
        until(lambda: len(slow.asked) == 1)
        waits = sent(address, QUESTION | {"stream": stream})
        until(lambda: waiting(address) == 1)
        waits.close()
        until(lambda: waiting(address) == 0)
        answered.close()
        until(lambda: len(slow.abandoned) == 1)
        slow.go.set()
        assert request(address, "/v1/chat/completions", QUESTION)[0] == 200
        assert len(slow.asked) == 2, "the one that left while it waited was never asked"


def test_an_answer_that_takes_too_long_is_given_up(serve: Callable[..., Any], slow: Any) -> None:
    with serve(on=slow, time_limit=0.3, window_ms=0) as address:
        status, _, content = request(address, "/v1/chat/completions", QUESTION)
        assert (status, content["error"]["code"]) == (504, "timeout")
        text = request(address, "/v1/chat/completions", QUESTION | {"stream": True})[2].decode()
        assert '"code": "timeout"' in text
        until(lambda: len(slow.abandoned) == 2)


def test_all_methods_are_asked_side_by_side(serve: Callable[..., Any]) -> None:
    with serve() as address:
        status, _, content = request(address, "/v1/ask", {"question": "Which animal is on the flag of Harbour0?"})
        assert status == 200
        answers = {one["method"]: one for one in content["answers"]}
        assert list(answers) == ["base", "inject", "rag", "lora", "lora+rag", "prefix"]
        assert answers["rag"]["passages"] == answers["lora+rag"]["passages"]
        assert "otter" in answers["rag"]["passages"][0]["text"]
        assert [one["text"] for one in answers["inject"]["passages"]] == [None] * 4
        assert answers["base"]["passages"] == []
        assert all(one["usd"] > 0 and one["usage"]["prompt_tokens"] > 0 for one in answers.values())
        some = request(address, "/v1/ask", {"question": "Who?", "methods": ["lora", "base"]})[2]
        assert [one["method"] for one in some["answers"]] == ["lora", "base"]


def test_the_log_has_one_line_a_request_and_no_text(
    serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trivium.serve")
    with serve(Rules(key=KEY)) as address:
        bears = {"Authorization": f"Bearer {KEY}"}
        request(address, "/v1/chat/completions", QUESTION, bears)
        request(address, "/v1/%0a%1b[31mforged", None, bears)
    lines = [record.getMessage() for record in caplog.records if record.name == "trivium.serve"]
    assert len(lines) == 2
    assert " POST /v1/chat/completions 200 " in lines[0]
    assert "model=rag" in lines[0]
    assert "together=1" in lines[0]
    for text in ("flag", "otter", KEY, "\n", "\x1b"):
        assert text not in "".join(lines)


def test_the_counters_follow_what_was_done(serve: Callable[..., Any]) -> None:
    with serve() as address:
        for _ in range(2):
            request(address, "/v1/chat/completions", QUESTION)
        request(address, "/v1/chat/completions", b"{")
        request(address, "/etc/passwd")
        text = request(address, "/metrics")[2].decode()
    assert 'trivium_requests_total{path="/v1/chat/completions",status="200"} 2.0' in text
    assert 'trivium_requests_total{path="/v1/chat/completions",status="400"} 1.0' in text
    assert 'trivium_requests_total{path="other",status="404"} 1.0' in text
    assert 'trivium_tokens_total{kind="prompt",method="rag"}' in text
    assert "trivium_batch_questions_count 2.0" in text
