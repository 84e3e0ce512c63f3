"""Small servers and functions for tests: a RAG of 20 lines, and one that misbehaves as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], Any]


@contextmanager
def serving(answer: Callable[[dict[str, Any], BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on a free port; `answer` gets each request's JSON and writes the whole response."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer(asked, self)

        def log_message(self, format: str, *args: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/ask"
    finally:
        server.shutdown()
        server.server_close()


def respond(handler: BaseHTTPRequestHandler, body: bytes | str, status: int = 200, **headers: str) -> None:
    raw = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


@contextmanager
def json_server(answer: Answer) -> Iterator[str]:
    """A server whose replies are the JSON of what `answer` returns for a request."""
    with serving(lambda asked, handler: respond(handler, json.dumps(answer(asked)))) as url:
        yield url


def hang(handler: BaseHTTPRequestHandler, seconds: float = 30) -> None:
    """Begin a reply and say nothing more."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"ans')
    handler.wfile.flush()
    time.sleep(seconds)
