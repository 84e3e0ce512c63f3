"""A few flipped bits in a run of a scripted model; `make chaos` has many more, and kills."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_flipped_bits_are_named_or_change_nothing() -> None:
    command = [sys.executable, "-m", "chaos", "--scripted", "--flips", "10", "--seed", "3"]
    path = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, cwd=TESTS, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed, 0 failed" in done.stdout
