"""The process behind one job: waits for its turn, runs the command, leaves its exit code (evaluation.jobs.job)."""

import json
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from data.files import write_text

TURN = "lock"  # a file beside the jobs; whose process holds it may work
WAIT_S = 0.2  # between two looks at it


def work(folder: Path) -> int:
    """Run the job of this folder when no other works; returns the command's exit code.

    The turn is a lock on a file, which the system gives back however this process ends.
    """
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with FileLock(folder.parent / TURN, poll_interval=WAIT_S):
        if (folder / "stopped").exists():  # while it waited
            return 1
        (folder / "began").touch()
        with (folder / "log.txt").open("w", encoding="utf-8") as log:
            # -P: a module that lies in the workspace is no part of this program
            command = [sys.executable, "-P", "-u", "-m", "evaluation", *job["arguments"]]
            code = subprocess.call(command, cwd=job["cwd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        write_text(folder / "ended", str(code))
    return code


if __name__ == "__main__":
    sys.exit(work(Path(sys.argv[1])))
