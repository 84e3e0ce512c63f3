"""The playground asks a server where it was told to, and says in a sentence what that server will not do."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evaluation.run.records import Answer
from evaluation.serve.answering import Told
from evaluation.serve.replies import model_entry, side_by_side

EVIL = "<b>bold</b> **x** 42"


def _told(method: str) -> dict[str, Any]:
    answer = Answer(
        method=method, question_id="asked", seed=0, phase="main", batch=0, batch_rows=1, answer=EVIL,
        finish_reason="stop", prompt_sha256="", prompt_tokens=1234, cached_tokens=30, completion_tokens=5,
        retrieval_s=0.25, generation_s=0.5,
    )  # fmt: skip
    return side_by_side(Told(answer, (), 0.0001))


class _Server(BaseHTTPRequestHandler):
    asked: list[dict[str, Any]]
    refuses = False

    def do_GET(self) -> None:
        self._say({"object": "list", "data": [model_entry(name, 0) for name in ("base", "rag", "all-minilm-l6-v2")]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(asked)
        answers = [_told(name) for name in asked["methods"]]
        self._say({"question": asked["question"], "answers": answers})

    def _say(self, content: dict[str, Any]) -> None:
        body = json.dumps({"error": {"message": "a key is needed", "code": "x"}} if self.refuses else content).encode()
        self.send_response(401 if self.refuses else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(refuses: bool = False) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    asked: list[dict[str, Any]] = []
    kind = type("Kind", (_Server,), {"asked": asked, "refuses": refuses})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def _page(address: str) -> None:
    from ui.playground.page import playground_page

    playground_page()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], AppTest]:
    def open_page(address: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", ["app.py", str(tmp_path), address])
        return AppTest.from_function(_page, kwargs={"address": address}, default_timeout=120).run()

    return open_page


def test_a_question_goes_to_the_server_and_its_answers_are_text(opened: Callable[[str], AppTest]) -> None:
    with serving() as (address, asked):
        page = opened(address)
        page.text_input[0].set_value("How long?")
        page.button[0].click().run()
    assert not page.exception
    assert asked == [{"question": "How long?", "methods": ["base", "rag"]}], "the embedding model answers nothing"
    said = [one.value for one in page.text]
    assert said.count(EVIL) == 2
    assert "0.75 s\n1,234 tokens in (30 cached), 5 out\n$0.0001000 (assumed machine price)" in said


def test_a_server_that_refuses_or_is_not_there_is_a_sentence(opened: Callable[[str], AppTest]) -> None:
    with serving(refuses=True) as (address, _):
        page = opened(address)
    assert not page.exception
    assert "answers 401: a key is needed" in page.error[0].value.replace("\\", "")
    page = opened(address)  # nobody listens there any more
    assert not page.exception
    assert "no server answers there" in page.error[0].value.replace("\\", "")
