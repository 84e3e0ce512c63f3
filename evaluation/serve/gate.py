"""What every request passes first: the host's name, the key, size and time of its body; and the one line in the log."""

import asyncio
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evaluation.printable import printable
from evaluation.serve.errors import ApiError

LOG = logging.getLogger("trivium.serve")
NOTES = "trivium"  # in a request's scope: what its line in the log says besides
OPEN = frozenset({"/healthz"})  # answered without a key
_BODY_S = 30  # seconds within which a body must have come
OnEnd = Callable[[str, int, float], None]  # path, status, seconds


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server at this address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Rules:
    """What is let through.

    Args:
        key: that every request must bear; empty: none.
        hosts: names under which the server may be asked for, beside localhost and addresses in numbers.
        body_bytes: of a request.
    """

    key: str = field(default="", repr=False)
    hosts: Collection[str] = ()
    body_bytes: int = 2**20

    def refusal(self, path: str, headers: dict[str, str]) -> ApiError | None:
        """Why a request is not let through."""
        if not self._is_own(headers.get("host", "")):
            return ApiError(421, "this server is not reached under that name; see --allow-host.", "wrong_host")
        if self.key and path not in OPEN and not self._bears_key(headers.get("authorization", "")):
            wanted = {"WWW-Authenticate": "Bearer"}
            return ApiError(
                401, "a valid API key is needed (Authorization: Bearer …).", "invalid_api_key", None, wanted
            )
        if (origin := headers.get("origin")) and origin.partition("://")[2].lower() != headers["host"].lower():
            return ApiError(403, "pages of other servers may not ask this one.", "cross_origin")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 12:
            return ApiError(400, "the header Content-Length is no number.", "invalid_header")
        return self.too_large() if int(length) > self.body_bytes else None

    def too_large(self) -> ApiError:
        return ApiError(413, f"the body has more than {self.body_bytes:,} bytes.", "body_too_large")

    def _is_own(self, host: str) -> bool:
        """A page in a browser that has a name of its own lead here (DNS rebinding) sends that name."""
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        name = name.removeprefix("[").removesuffix("]").lower()
        if name == "localhost" or name in {known.lower() for known in self.hosts}:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _bears_key(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self.key.encode())


class Gate:
    """Wraps an app."""

    def __init__(self, app: ASGIApp, rules: Rules, on_end: OnEnd) -> None:
        self.app, self.rules, self.on_end = app, rules, on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status, scope[NOTES] = time.monotonic(), 499, {}

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._let_through(scope, receive, told)
        finally:
            seconds = time.monotonic() - started
            self.on_end(route_of(scope), status, seconds)
            LOG.info(_line(scope, status, seconds))

    async def _let_through(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self.rules.refusal(scope["path"], headers)
        if refused is None:
            body = await self._body(receive)
            if isinstance(body, bytes):
                return await self.app(scope, _again(body, receive), send)
            refused = body
        await refused.response()(scope, receive, send)

    async def _body(self, receive: Receive) -> bytes | ApiError:
        """All of it, before anything is made of it."""
        parts, size = [], 0
        try:
            async with asyncio.timeout(_BODY_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return ApiError(499, "the client left.", "client_left")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self.rules.body_bytes:
                        return self.rules.too_large()
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            return ApiError(408, f"the body did not come within {_BODY_S} s.", "body_too_slow")


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more for the app, then whatever comes: that the client left."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def route_of(scope: Scope) -> str:
    """The path as the server declares it; one name for all that it does not know."""
    return str(getattr(scope.get("route"), "path", "other"))


def _line(scope: Scope, status: int, seconds: float) -> str:
    """Who asked for what, and what it took; nothing of what was asked or answered."""
    client = (scope.get("client") or ("?",))[0]
    notes: dict[str, Any] = scope[NOTES]
    told = "".join(f" {name}={value}" for name, value in notes.items())
    return printable(f"{client} {scope['method']} {quote(scope['path'][:200])} {status} {seconds:.3f}s{told}")
