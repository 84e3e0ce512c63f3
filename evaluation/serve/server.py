"""A server that runs until it is told to stop, and then finishes what it has accepted."""

import logging
import os
import signal
import socket
import threading
from contextlib import suppress

import uvicorn

from data.errors import TriviumError
from evaluation.export.folder import ServeSettings
from evaluation.serve.answering import Answering
from evaluation.serve.app import make_app
from evaluation.serve.gate import Gate, Rules, is_loopback
from evaluation.serve.metrics import Metrics

KEY = "TRIVIUM_SERVE_KEY"  # of the environment: nowhere else is a key taken from, and it is never printed
_SHORTEST_KEY = 16  # characters
_GRACE_S = 5  # seconds beyond the time of a request, for connections to end


def rules_of(settings: ServeSettings) -> Rules:
    """What the server lets through.

    Raises:
        TriviumError: others can reach it, and there is no key, or a short one.
    """
    key = os.environ.get(KEY, "")
    if not key and not is_loopback(settings.host):
        raise TriviumError(
            f"--host {settings.host}: others can reach this address, so a key is needed. Put one of at least "
            f"{_SHORTEST_KEY} characters into {KEY}, or serve on 127.0.0.1."
        )
    if key and len(key) < _SHORTEST_KEY:
        raise TriviumError(f"{KEY}: the key is too short to keep others out; use {_SHORTEST_KEY} characters or more.")
    return Rules(key, settings.allow_hosts, settings.body_kib * 2**10)


def open_socket(host: str, port: int) -> socket.socket:
    """The place where the server listens, taken before anything takes long.

    Raises:
        TriviumError: it is taken, or no address of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise TriviumError(f"{host}:{port}: {error.strerror or error}. Choose another --port or --host.") from error


def make_server(answering: Answering, settings: ServeSettings, rules: Rules) -> uvicorn.Server:
    """The server around loaded methods; it does not listen yet."""
    metrics, ending = Metrics(), threading.Event()
    app = Gate(make_app(answering, settings, metrics, ending), rules, metrics.request)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, proxy_headers=False, server_header=False, ws="none",
        timeout_graceful_shutdown=int(settings.time_limit) + _GRACE_S,
    )  # fmt: skip
    return _Server(config, ending)


class _Server(uvicorn.Server):
    """Says when it stops, before it waits for all that it has accepted."""

    def __init__(self, config: uvicorn.Config, ending: threading.Event) -> None:
        super().__init__(config)
        self.ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.ending.set()
        await super().shutdown(sockets)


def run(listening: socket.socket, answering: Answering, settings: ServeSettings, rules: Rules) -> None:
    """Serve until SIGTERM or Ctrl-C; what was accepted until then is answered."""
    server = make_server(answering, settings, rules)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("trivium.serve").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: None)  # the server takes it while it runs, and it ends nothing after
    with suppress(KeyboardInterrupt):  # which the server raises again when it has ended
        server.run(sockets=[listening])


def address_of(listening: socket.socket) -> str:
    """Of the server that listens there."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
