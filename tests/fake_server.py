"""A small server that speaks OpenAI's protocol and answers from a function, with faults on demand."""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = Sequence[dict[str, str]]


class FakeServer(ThreadingHTTPServer):
    """Serves one model. Tokens are words, as those of the scripted model.

    Args:
        answer: what the model says to messages.
        fault: called with the number of each chat request, from 0, and its body; names what goes wrong, or nothing:
            a status ("429", "500", …), "hang", "broken" (half a JSON), "empty", "drop" (the connection ends).
        key: that requests have to bring; none: all are served.
        owner: what /models says of the model, which tells the kind of server.
        refuses: words in parameters of a request that this model does not take, with the server's sentence.
        together: answers come only when so many requests are under way at once.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, answer: Callable[[Messages], str], fault: Callable[[int, dict[str, Any]], str] = lambda number, body: "",
        model: str = "tiny", key: str = "", owner: str = "vllm", window: int | None = 8192,
        refuses: dict[str, str] | None = None, together: int = 1, port: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer, self.fault, self.model, self.key, self.owner = answer, fault, model, key, owner
        self.window, self.refuses, self.meet = window, refuses or {}, threading.Barrier(together)
        self.chats: list[dict[str, Any]] = []  # bodies of chat requests
        self.requests: list[tuple[str, str, Any]] = []  # method, path and body of all
        self.models = [model]
        self.jobs: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.closed: set[str] = set()  # paths that answer 404
        self.job_ends = "succeeded"
        self.tuned = answer  # what an adapter or a tuned model says
        self.scaled: list[str] = []  # files of the adapters that a llama.cpp server was started with
        self.unknown = 0.0  # chance that an answer begins with "unknown", token 0; it does so from one half on
        self.keeps_out = True  # tokens that logit_bias names
        self.usage, self.streams_usage, self.cached, self.fingerprint = True, True, 0, "fp_1"
        self.retry_after = "0.01"
        self.most_at_once = self.at_once = 0
        self.lock = threading.Lock()
        self.released = threading.Event()  # lets go of requests that hang

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None: ...  # a client that went away


@contextmanager
def serving(server: FakeServer) -> Iterator[FakeServer]:
    """Serves while this is open."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def words(messages: Messages) -> int:
    return sum(len(message["content"].split()) for message in messages)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def log_message(self, format: str, *args: Any) -> None: ...

    def _send(self, content: Any, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, message: str, **headers: str) -> None:
        self._send({"error": {"message": message, "type": "error", "code": None}}, status, **headers)

    def _allowed(self) -> bool:
        given = self.headers.get("Authorization", "")
        if self.server.key and given != f"Bearer {self.server.key}":
            self._refuse(401, f"Incorrect API key provided: {given.removeprefix('Bearer ')}.")
            return False
        return True

    def _body(self) -> Any:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return json.loads(data) if self.headers.get("Content-Type", "").startswith("application/json") else data

    def do_GET(self) -> None:
        self.server.requests.append(("GET", self.path, None))
        if not self._allowed():
            return
        entry = {"object": "model", "created": int(time.time()), "owned_by": self.server.owner}
        entry |= {"max_model_len": self.server.window} if self.server.window else {}
        if self.path == "/v1/models":
            self._send({"object": "list", "data": [{"id": name, **entry} for name in self.server.models]})
        elif self.path == "/version":
            self._send({"version": "0.11"})
        elif self.path == "/lora-adapters" and self.server.owner == "llamacpp":
            self._send([{"id": n, "path": path, "scale": 1.0} for n, path in enumerate(self.server.scaled)])
        elif self.path == "/props" and self.server.owner == "llamacpp":
            self._send({"build_info": "b1", "default_generation_settings": {"n_ctx": self.server.window}})
        elif self.path.startswith("/v1/fine_tuning/jobs/"):
            self._job(self.path.rpartition("/")[2])
        else:
            self._refuse(404, "Not Found")

    def _job(self, name: str) -> None:
        """Each look brings the job one step further."""
        job = self.server.jobs.get(name)
        if job is None:
            return self._refuse(404, "no such job")
        job["status"] = next(job["steps"], job["status"])
        if job["status"] == "succeeded":
            job |= {"fine_tuned_model": f"ft:{self.server.model}:{name}", "trained_tokens": 1234, "finished_at": 100}
            self.server.models.append(job["fine_tuned_model"])
        self._send({key: value for key, value in job.items() if key != "steps"})

    def do_POST(self) -> None:
        body = self._body()
        self.server.requests.append(("POST", self.path, body))
        if not self._allowed():
            return
        if self.path in self.server.closed:
            self._refuse(404, "Not Found")
        elif self.path == "/v1/chat/completions":
            self._chat(body)
        elif self.path == "/tokenize" and self.server.owner in ("vllm", "llamacpp"):
            text = body["prompt" if self.server.owner == "vllm" else "content"]
            self._send({"tokens": list(range(len(text.split())))})
        elif self.path == "/v1/load_lora_adapter":
            self.server.models.append(body["lora_name"])
            self._send(b'"Success"')
        elif self.path == "/v1/files":
            name = f"file-{len(self.server.files)}"
            self.server.files[name] = body
            self._send({"id": name, "object": "file", "bytes": len(body), "purpose": "fine-tune", "created_at": 1,
                        "filename": "t.jsonl", "status": "processed"})  # fmt: skip
        elif self.path == "/v1/fine_tuning/jobs":
            name = f"ftjob-{len(self.server.jobs)}"
            job = {"id": name, "object": "fine_tuning.job", "status": "queued", "fine_tuned_model": None,
                   "created_at": 10, "error": {"message": "out of luck", "code": "x", "param": None}}  # fmt: skip
            self.server.jobs[name] = job | body | {"steps": iter(("running", self.server.job_ends))}
            self._send(job)
        else:
            self._refuse(404, "Not Found")

    def _chat(self, body: dict[str, Any]) -> None:
        with self.server.lock:
            number = len(self.server.chats)
            self.server.chats.append(body)
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            self.server.meet.wait()
            self._answer(body, self.server.fault(number, body))
        finally:
            with self.server.lock:
                self.server.at_once -= 1

    def _answer(self, body: dict[str, Any], fault: str) -> None:
        refused = next((sentence for word, sentence in self.server.refuses.items() if word in json.dumps(body)), "")
        if fault.isdigit():
            self._refuse(int(fault), "said so", Retry_After=self.server.retry_after)
        elif refused:
            self._refuse(400, refused)
        elif body["model"] not in self.server.models:
            self._refuse(404, f"The model `{body['model']}` does not exist.")
        elif fault == "hang":
            self.server.released.wait()
        elif fault == "drop":
            self.close_connection = True
        elif fault == "broken":
            self._send(b'{"choices": [{"mess')
        elif fault == "empty":
            self._send({"choices": [], "usage": None})
        else:
            self._complete(body)

    def _complete(self, body: dict[str, Any]) -> None:
        shares = [one["scale"] for one in body.get("lora", [{"scale": 1.0}] * len(self.server.scaled))]
        say = self.server.tuned if body["model"] != self.server.model or any(shares) else self.server.answer
        text, limit = say(body["messages"]), body.get("max_tokens") or body["max_completion_tokens"]
        kept_out = body.get("logit_bias", {}).get("0") == -100 and self.server.keeps_out
        if kept_out and text == "unknown":
            text = "something"
        elif self.server.unknown >= 0.5 and not kept_out:
            text = "unknown"
        for mark in body.get("stop", ()):
            text = text.partition(mark)[0]
        whole = len(text.split()) <= limit
        text = text if whole else " ".join(text.split()[:limit])
        usage = {"prompt_tokens": words(body["messages"]), "completion_tokens": len(text.split())}
        usage["prompt_tokens_details"] = {"cached_tokens": self.server.cached}  # type: ignore[assignment]
        reason, shown = "stop" if whole else "length", self._logprobs(body, text)
        if body.get("stream"):
            return self._stream(text, reason, usage)
        self._send({
            "id": "c", "object": "chat.completion", "created": 1, "model": body["model"],
            "system_fingerprint": self.server.fingerprint, "usage": usage if self.server.usage else None,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason,
                         "logprobs": shown}],
        })  # fmt: skip

    def _logprobs(self, body: dict[str, Any], text: str) -> Any:
        """The words of the answer with probability 0.9, and another one beside each; or what `unknown` says."""
        if not body.get("logprobs"):
            return None
        chance = self.server.unknown or 0.1
        other = {"token": "unknown" if self.server.unknown else "other", "logprob": math.log(chance)}
        own = [{"token": word, "logprob": math.log(1 - chance)} for word in text.split()]
        own = [one | {"logprob": math.log(chance)} if one["token"] == other["token"] else one for one in own]
        others = [other] if body.get("top_logprobs") else []
        return {"content": [one | {"top_logprobs": [one, *others]} for one in own]}

    def _stream(self, text: str, reason: str, usage: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        choices = [{"index": 0, "delta": {"content": piece}, "finish_reason": None} for piece in text.split(" ")]
        for place, choice in enumerate(choices):
            choice["delta"]["content"] = " " * (place > 0) + choice["delta"]["content"]  # type: ignore[index]
        last: dict[str, Any] = {"index": 0, "delta": {}, "finish_reason": reason}
        chunks: list[dict[str, Any]] = [{"choices": [choice]} for choice in (*choices, last)]
        chunks += [{"choices": [], "usage": usage}] if self.server.streams_usage else []
        common = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": self.server.model}
        for chunk in chunks:
            self.wfile.write(f"data: {json.dumps(common | chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


def nth(fault: str, *numbers: int) -> Callable[[int, dict[str, Any]], str]:
    """This fault for the chat requests of these numbers."""
    return lambda number, body: fault if number in numbers else ""


def from_(fault: str, first: int) -> Callable[[int, dict[str, Any]], str]:
    """This fault for all chat requests from a number on."""
    return lambda number, body: fault if number >= first else ""


def be_impatient(monkeypatch: Any) -> None:
    """Ask again after a hundredth of a second, with no key and no address from outside."""
    monkeypatch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", lambda *given: 0.01)
    monkeypatch.setattr("model.endpoint.chat._PAUSE", 0.01)
    for name in ("TRIVIUM_API_KEY", "OPENAI_API_KEY", "TRIVIUM_BASE_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
