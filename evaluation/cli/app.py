"""`trivium ui`: starts the app, open to this machine alone, and shows it in the browser."""

import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from data.errors import TriviumError
from evaluation.cli.terminal import say

UI_EXAMPLES = "\b\nExamples:\n  trivium ui\n  trivium ui --runs runs --port 8600"
LOCAL = ("localhost", "127.0.0.1", "::1")


def ui(
    runs: Annotated[Path, typer.Option(help="Folder with the runs.")] = Path("runs"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another name by which a browser may reach the app, such as that of a proxy. Repeatable."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    server: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Address of a running `trivium serve`, which the playground then asks instead "
            "of loading a model; its key is read from TRIVIUM_SERVE_KEY.",
        ),
    ] = "",
) -> None:
    """Open the app in the browser."""
    if server and not server.startswith(("http://", "https://")):
        raise TriviumError(f"--server {server}: give its address, such as http://localhost:8321.")
    _require_free(host, port)
    if host not in LOCAL:
        say(f"Listening on {host}. Anyone who can reach this machine can read all runs, upload files and start runs: "
            "there is no password.")  # fmt: skip
    address = f"http://{'localhost' if host in (*LOCAL, '0.0.0.0', '::') else host}:{port}"
    say(f"The app is at {address}. Press Ctrl-C to stop it.")
    if browser:
        subprocess.Popen([sys.executable, "-P", "-m", "ui.open_browser", address], stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # fmt: skip
    command = [*streamlit_command(host, port, allow_host or []), "--", str(runs.resolve())]
    command += [server.rstrip("/").removesuffix("/v1")] if server else []
    sys.stdout.flush()
    os.execv(sys.executable, command)  # in the place of this process, so that ending it ends the app


def streamlit_command(host: str, port: int, names: list[str]) -> list[str]:
    """The command line of the server. All that protects it is named, whatever a configuration file says."""
    found = find_spec("ui")  # looked up, not imported: the command stands below the app
    script = Path(str(found and found.origin)).with_name("app.py")
    options = {
        "server.port": port, "server.address": host, "server.maxUploadSize": 50, "server.fileWatcherType": "none",
        "server.headless": "true",  # else a machine that is new to Streamlit is asked for an e-mail address
        "server.enableCORS": "true", "server.enableXsrfProtection": "true", "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal", "client.showErrorDetails": "none", "logger.level": "warning",
        "theme.base": script.with_name("theme.toml"),
    }  # fmt: skip
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(script)]  # -P: nothing of the current folder runs
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    for allowed in allowed_hosts(host, names):
        command += ["--server.allowedHosts", allowed]
    return command


def allowed_hosts(host: str, names: list[str]) -> list[str]:
    """Names by which a browser may ask for the app.

    Any other is refused: a web page whose own name was pointed at this machine (DNS rebinding) could drive it.
    """
    found = [*LOCAL, *names]
    if host in ("0.0.0.0", "::"):
        import psutil

        found += [socket.gethostname(), socket.getfqdn()]
        found += [entry.address for entries in psutil.net_if_addrs().values() for entry in entries
                  if entry.family in (socket.AF_INET, socket.AF_INET6)]  # fmt: skip
    elif host:
        found.append(host)
    return list(dict.fromkeys(found))


def _require_free(host: str, port: int) -> None:
    """Raises: TriviumError: another program listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("localhost" if host in ("0.0.0.0", "::", "::1") else host, port)) == 0:
            raise TriviumError(f"port {port} is in use by another program. Choose another --port.")
