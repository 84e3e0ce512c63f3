"""A Qdrant server for tests: its REST protocol as far as Trivium speaks it, in front of Qdrant's own local mode."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models


@dataclass
class FakeQdrant:
    """What the server holds and how it misbehaves."""

    key: str = ""  # that it asks for
    fails_after: int | None = None  # uploads, after which it answers with status 500
    says: bytes | None = None  # to everything, in place of what it should
    uploads: int = 0
    queries: list[dict[str, Any]] = field(default_factory=list)
    client: QdrantClient = field(default_factory=lambda: QdrantClient(":memory:"))
    url: str = ""
    lock: Any = field(default_factory=Lock)

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The result of a request; None where there is no such address."""
        if path == "/collections":
            return {"collections": []}
        name, rest = re.fullmatch(r"/collections/([^/]+)(/.*)?", path).groups()  # type: ignore[union-attr]
        if method == "PUT" and rest == "/points":
            return self._upload(name, body)
        return {
            ("GET", "/exists"): lambda: {"exists": self.client.collection_exists(name)},
            ("GET", None): lambda: self.client.get_collection(name),
            ("PUT", None): lambda: self.client.create_collection(
                name, models.VectorParams(**body["vectors"]), hnsw_config=body["hnsw_config"]),
            ("DELETE", None): lambda: self.client.delete_collection(name),
            ("POST", "/points/count"): lambda: self.client.count(name),
            ("POST", "/points"): lambda: self.client.retrieve(name, body["ids"], with_vectors=True),
            ("POST", "/points/query/batch"): lambda: self._query(name, body),
        }[method, rest]()  # fmt: skip

    def _upload(self, name: str, body: Any) -> Any:
        if self.fails_after is not None and self.uploads >= self.fails_after:
            raise OSError("no space left")
        self.uploads += 1
        given: Any = TypeAdapter(models.PointsBatch | models.PointsList).validate_python(body)
        return self.client.upsert(name, given.batch if isinstance(given, models.PointsBatch) else given.points)

    def _query(self, name: str, body: Any) -> Any:
        self.queries += body["searches"]
        asked = [models.QueryRequest(**{**one, "params": None}) for one in body["searches"]]
        return self.client.query_batch_points(name, asked)


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(one) for one in result]
    return json.loads(result.model_dump_json()) if hasattr(result, "model_dump_json") else result


@contextmanager
def qdrant_server(fake: FakeQdrant) -> Iterator[FakeQdrant]:
    """The server at an address of this machine, as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, result = 200, None
            if fake.key and self.headers.get("api-key") != fake.key:
                status = 401
            else:
                try:
                    with fake.lock:
                        result = _plain(fake.answer(self.command, urlsplit(self.path).path, body))
                except OSError:
                    status = 500
            content = fake.says or json.dumps({"result": result, "status": "ok", "time": 0.0}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = _reply

        def log_message(self, *given: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
