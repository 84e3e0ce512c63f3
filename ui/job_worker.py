"""The process behind one job: waits for its turn, runs the command, leaves its exit code (ui.jobs)."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

from data.files import write_text


def work(folder: Path) -> int:
    """Run the job of this folder when no other works; returns the command's exit code.

    The turn is a lock on a file, which the system gives back however this process ends.
    """
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with (folder.parent / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "began").touch()
        with (folder / "log.txt").open("w", encoding="utf-8") as log:
            command = [sys.executable, "-u", "-m", "evaluation", *job["arguments"]]
            code = subprocess.call(command, cwd=job["cwd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        write_text(folder / "ended", str(code))
    return code


if __name__ == "__main__":
    sys.exit(work(Path(sys.argv[1])))
