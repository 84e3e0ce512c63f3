"""A system behind a URL: one JSON request a question, one JSON reply.

POST {"question": "…", "instruction": "…", "language": "en"}  →  {"answer": "…", "passages": […], "usage": {…}}
"""

import json
import os
import socket
import time
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProxyError, SSLError, TimeoutError

from data import jsonl
from data.text_cleaning import clean_text
from evaluation.contest.address import key_variable
from evaluation.contest.reply import MAX_BYTES, Reply, Unusable, reply_of
from evaluation.contest.system import Failure, Limits, Request

_AGAIN = (408, 425, 429, 500, 502, 503, 504)  # statuses after which asking again can help
_CONNECTING = 10.0  # seconds
_LONGEST_WAIT = 60.0  # seconds that a server may ask to be left alone


def _pool(address: str, connections: int) -> urllib3.PoolManager:
    """Connections, through the proxy that the environment names for this address."""
    parts = urlsplit(address)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, maxsize=connections)
    return urllib3.PoolManager(maxsize=connections)


class HttpSystem:
    """Asks a server; the key is read from the environment and kept nowhere else."""

    def __init__(self, name: str, address: str, limits: Limits) -> None:
        self.address, self.limits, self._variable = address, limits, key_variable(name)
        self._pool = _pool(address, limits.at_once)
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key := os.environ.get(self._variable, "").strip():
            self._headers["Authorization"] = f"Bearer {key}"

    def ready(self) -> None:
        """Whether anything listens there. Nothing is sent; through a proxy this cannot be seen."""
        if isinstance(self._pool, urllib3.ProxyManager):
            return
        parts = urlsplit(self.address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), min(_CONNECTING, self.limits.seconds)).close()
        except OSError as error:
            raise Failure(f"it cannot be reached ({error.strerror or error})", gone=True) from error

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        return []

    def ask(self, request: Request) -> Reply:
        fields = {"question": request.question, "instruction": request.instruction, "language": request.language}
        content = self._sent(json.dumps(fields).encode())
        try:
            return reply_of(jsonl.loads(content.decode()))
        except Unusable as error:
            raise Failure(str(error)) from error
        except ValueError as error:  # not UTF-8, not JSON
            raise Failure(f"its reply is no JSON ({error}): {_beginning(content)}", again=True) from error

    def _sent(self, body: bytes) -> bytes:
        """The body of the reply."""
        seconds, deadline = self.limits.seconds, time.monotonic() + self.limits.seconds
        timeout = urllib3.Timeout(connect=min(_CONNECTING, seconds), read=seconds)
        try:
            response = self._pool.request(
                "POST", self.address, body=body, headers=self._headers, timeout=timeout, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
            with closing(response):
                content = _read(response, deadline)
        except (NewConnectionError, ProxyError, SSLError) as error:
            raise Failure(f"it cannot be reached ({_last_words(error)})", again=True, gone=True) from error
        except TimeoutError as error:
            raise Failure(f"no answer within {seconds:g} seconds", again=True) from error
        except (HTTPError, OSError) as error:
            raise Failure(f"the connection broke ({_last_words(error)})", again=True) from error
        self._check_status(response, content)
        return content

    def _check_status(self, response: urllib3.BaseHTTPResponse, content: bytes) -> None:
        if 200 <= response.status < 300:
            return
        if 300 <= response.status < 400:
            place = clean_text(response.headers.get("Location", "another place"))[:200]
            raise Failure(f"it sends on to {place}. Give that address", gone=True)
        key = f" (its key is read from {self._variable})" if response.status in (401, 403) else ""
        raise Failure(
            f"HTTP {response.status}{key}: {_beginning(content)}",
            again=response.status in _AGAIN, wait=_wait(response), gone=response.status in (401, 403, 404, 405),
        )  # fmt: skip

    def close(self) -> None:
        self._pool.clear()


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The body, within the limits of time and size, also where it comes drop by drop."""
    content = b""
    while piece := response.read1(65536, decode_content=True):
        content += piece
        if len(content) > MAX_BYTES:
            raise Failure(f"its reply is larger than {MAX_BYTES // 2**20} MiB")
        if time.monotonic() > deadline:
            raise TimeoutError
    return content


def _wait(response: urllib3.BaseHTTPResponse) -> float:
    told = response.headers.get("Retry-After", "")
    return min(_LONGEST_WAIT, float(told)) if told.isdigit() else 0.0


def _beginning(content: bytes) -> str:
    """The first words of a body, for a sentence."""
    text = " ".join(clean_text(content[:2000].decode("utf-8", "replace")).split())
    return repr(text[:120]) if text else "an empty reply"


def _last_words(error: BaseException) -> str:
    """The innermost reason of an error, without addresses of objects."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return clean_text(str(text)).rpartition(">: ")[2][:200]
