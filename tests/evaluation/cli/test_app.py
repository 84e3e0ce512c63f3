"""`trivium ui`: who may ask for the app, and that it starts on a machine that is new to it."""

import base64
import os
import pty
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import TriviumError
from evaluation.cli.app import allowed_hosts, streamlit_command, ui


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    ends = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("localhost", port), 1).close()
        except OSError:
            assert time.monotonic() < ends, "the app did not start"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The app on a machine that is new to Streamlit, at a terminal, in a folder with modules that are not ours."""
    home, chosen = tmp_path_factory.mktemp("home"), free_port()
    (home / "streamlit.py").write_text("raise SystemExit('code of the current folder')", encoding="utf-8")
    (home / "runs").mkdir()
    browser = home / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{home}/opened"\n', encoding="utf-8")
    browser.chmod(0o755)
    command = [sys.executable, "-P", "-m", "evaluation", "ui", "--port", str(chosen)]
    terminal, inside = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STREAMLIT")}
    with subprocess.Popen(command, cwd=home, stdin=inside, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=environment | {"HOME": str(home), "BROWSER": str(browser)}) as server:  # fmt: skip
        try:
            wait_for(chosen)
            yield chosen
            ends = time.monotonic() + 60
            while not (home / "opened").exists():
                assert time.monotonic() < ends, "it was not shown in the browser"
                time.sleep(0.1)
            assert (home / "opened").read_text("utf-8").strip() in ("", f"http://localhost:{chosen}")
        finally:
            server.terminate()
            os.close(terminal)
            os.close(inside)


def _answer(port: int, host: str, origin: str) -> str:
    """The first line that the app sends to a browser which opens its connection under this name."""
    lines = [
        "GET /_stcore/stream HTTP/1.1", f"Host: {host}", f"Origin: {origin}", "Upgrade: websocket",
        "Connection: Upgrade", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: streamlit",
    ]  # fmt: skip
    with socket.create_connection(("localhost", port), 10) as browser:
        browser.sendall("\r\n".join([*lines, "", ""]).encode())
        return browser.recv(200).split(b"\r\n")[0].decode()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_its_own_names_are_let_in(port: int, host: str) -> None:
    assert " 101 " in _answer(port, f"{host}:{port}", f"http://{host}:{port}")


def test_a_foreign_name_that_was_pointed_here_is_refused(port: int) -> None:
    assert " 403 " in _answer(port, f"evil.example:{port}", f"http://evil.example:{port}")
    assert " 403 " in _answer(port, f"localhost:{port}", "http://evil.example")


def test_a_port_in_use_is_a_sentence(port: int, tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match=f"port {port} is in use"):
        ui(tmp_path, port)


def test_a_server_is_named_by_its_address(tmp_path: Path) -> None:
    with pytest.raises(TriviumError, match="--server localhost:8321: give its address"):
        ui(tmp_path, server="localhost:8321")


def test_names_that_are_let_in() -> None:
    assert allowed_hosts("localhost", ["app.example"]) == ["localhost", "127.0.0.1", "::1", "app.example"]
    assert "box.example" in allowed_hosts("box.example", [])
    everywhere = allowed_hosts("0.0.0.0", [])
    assert socket.gethostname() in everywhere
    assert not {"*", "0.0.0.0", "::", ""} & set(everywhere)


def test_what_protects_the_app_is_named_on_its_command_line() -> None:
    command = streamlit_command("localhost", 8501, [])
    for name, value in (("enableCORS", "true"), ("enableXsrfProtection", "true"), ("headless", "true")):
        assert command[command.index(f"--server.{name}") + 1] == value
