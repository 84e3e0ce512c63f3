"""Servers in threads of this process, on ports that are free."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from evaluation.export.folder import ServeSettings
from evaluation.run.records import Answer
from evaluation.serve.answering import Answering, Told, kept_at
from evaluation.serve.gate import Rules
from evaluation.serve.server import address_of, make_server, open_socket


@contextmanager
def running(answering: Any, rules: Rules | None = None, **settings: Any) -> Iterator[str]:
    """The address of a server that ends with the block."""
    chosen = ServeSettings(**settings)
    server = make_server(answering, chosen, rules or Rules())
    with open_socket("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield address_of(listening)
        finally:
            if isinstance(answering, Slow):
                answering.go.set()
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def answering(finished_run: Path) -> Answering:
    """All methods of the run, loaded once; one server at a time may have them."""
    return Answering(kept_at(finished_run)[0], ServeSettings())


@pytest.fixture
def serve(answering: Answering) -> Callable[..., Any]:
    return lambda rules=None, on=None, **settings: running(on or answering, rules, **settings)


@pytest.fixture
def client_of() -> Iterator[Callable[[str], OpenAI]]:
    """Clients that are closed with the test: a collected one may lose its sockets before it closes them."""
    with ExitStack() as clients:
        yield lambda address, key="none": clients.enter_context(
            OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0)
        )


class Slow:
    """Methods whose answers come when a test lets them: every question waits at `go`, unless its client leaves."""

    embedder_name = ""

    def __init__(self, answering: Answering) -> None:
        self.record, self.methods, self.sampling = answering.record, answering.methods, answering.sampling
        self.go, self.asked, self.abandoned = threading.Event(), list[str](), list[str]()

    def answer(self, asks: Any, on_text: Any) -> list[Any]:
        self.asked += [ask.question for ask in asks]
        waited_for = [True] * len(asks)
        while not self.go.is_set() and any(waited_for):
            time.sleep(0.01)
            waited_for = [not on_text(row, lambda: "so far") for row in range(len(asks))]
        self.abandoned += [ask.question for ask, waited in zip(asks, waited_for, strict=True) if not waited]
        return [Told(self._said(ask, len(asks)), (), None) for ask in asks]

    def _said(self, ask: Any, rows: int) -> Answer:
        return Answer(
            method=ask.method, question_id="asked", seed=0, phase="main", batch=0, batch_rows=rows,
            answer="so far so good", finish_reason="stop", prompt_sha256="", prompt_tokens=3, cached_tokens=1,
            completion_tokens=2, retrieval_s=0, generation_s=0,
        )  # fmt: skip

    def close(self) -> None: ...


@pytest.fixture
def slow(answering: Answering) -> Any:
    made = Slow(answering)
    yield made
    made.go.set()
