"""`trivium serve` as a person starts it: SIGTERM answers what was accepted, and others are kept out."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.errors import TriviumError
from evaluation.cli.main import app
from evaluation.export.write import write_export


def _ask(address: str, question: str, replies: list[str]) -> None:
    body = json.dumps({"model": "rag", "prompt": question}).encode()
    asked = urllib.request.Request(f"{address}/v1/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=100) as reply:
        replies.append(json.loads(reply.read())["choices"][0]["text"])


def test_what_was_accepted_before_the_end_is_answered(finished_run: Path, tmp_path: Path) -> None:
    out = write_export(finished_run, "rag", tmp_path / "rag")
    settings = out / "serve.toml"
    settings.write_text(settings.read_text().replace("window_ms = 5.0", "window_ms = 1000.0"))
    command = [sys.executable, "-m", "evaluation", "serve", str(out), "--port", "0"]
    environment = os.environ | {"TRIVIUM_SERVE_KEY": ""}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout
        assert server.stderr
        said = next(line for line in server.stdout if "Listening" in line)
        address = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
        replies: list[str] = []
        threads = [threading.Thread(target=_ask, args=(address, f"Who? {n}", replies)) for n in range(6)]
        for thread in threads:
            thread.start()
        while json.loads(urllib.request.urlopen(f"{address}/healthz").read())["waiting"] < 6:
            pass
        server.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        rest, log = server.stdout.read(), server.stderr.read()
    assert len(replies) == 6
    assert server.returncode == 0, log
    assert "Stopped; all accepted requests were answered." in rest
    assert log.count("/v1/completions 200") == 6


@pytest.mark.parametrize("key", ["", "short"])
def test_beyond_this_machine_a_key_is_needed(finished_run: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("TRIVIUM_SERVE_KEY", key)
    done = CliRunner().invoke(app, ["serve", str(finished_run), "--host", "0.0.0.0", "--port", "0"])
    assert isinstance(done.exception, TriviumError)
    assert "TRIVIUM_SERVE_KEY" in str(done.exception)
    assert "short" not in str(done.exception).replace("too short", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--port", "70000"], "port"), (["--methods", "oracle"], "yardstick"), (["--methods", "prefix+rag"], "no method")],
)
def test_what_cannot_be_served_is_told_at_once(finished_run: Path, options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["serve", str(finished_run), "--port", "0", *options])
    assert isinstance(done.exception, TriviumError)
    assert said in str(done.exception)


def test_neither_run_nor_export_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["serve", str(tmp_path)])
    assert isinstance(done.exception, TriviumError)
    assert "no run here" in str(done.exception)
