"""A few flipped bits, and a server, a worker and a client killed, with a scripted model; `make chaos` has many more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def _passed(*arguments: str) -> str:
    """What a short series printed."""
    command = [sys.executable, "-m", "chaos", "--scripted", "--kills", "0", *arguments]
    path = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, cwd=TESTS, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_flipped_bits_are_named_or_change_nothing() -> None:
    assert "10 passed, 0 failed" in _passed("--flips", "10", "--seed", "3")


@pytest.mark.slow
def test_a_killed_server_worker_or_client_loses_no_request_and_no_run() -> None:
    assert "3 passed, 0 failed" in _passed("--flips", "0", "--servers", "3")
