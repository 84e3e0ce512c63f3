"""Reads files in a process of its own, which a hostile file may exhaust or crash, within limits of time and memory."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from threading import Timer

from data.reading.file import read_file, read_plain_file
from data.reading.limits import MEMORY, SECONDS
from data.reading.result import Reading

_ROOT = Path(__file__).resolve().parents[2]
# -P: the current folder is not on the import path, so that no file of a user's is taken for a module.
_COMMAND = (
    "-P",
    "-c",
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from data.reading.process import serve; serve()",
)


def _outcome(path: Path) -> dict[str, object]:
    try:
        return asdict(read_file(path))
    except (ValueError, OSError) as error:
        return {"reason": error.strerror if isinstance(error, OSError) and error.strerror else str(error)}
    except MemoryError:
        return {"reason": "reading it takes too much memory"}
    except Exception as error:  # whatever else a broken file makes a library do is that file's fault
        return {"reason": f"its reader failed ({type(error).__name__}: {error})"}


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has none, macOS refuses it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def serve() -> None:
    """Read the files named on standard input, one a line, and write what came of it, one JSON line each."""
    _limit_memory()
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(_outcome(Path(json.loads(line)))) + "\n")
        answers.flush()


class Reader:
    """A context in which files are read; its process starts with the first file that needs one, and after a crash."""

    def __enter__(self) -> "Reader":
        self._process: subprocess.Popen[str] | None = None
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._process:
            self._kill()
            self._process.communicate()
            self._process = None

    def _kill(self) -> None:
        """End the process and what it has started (OCR)."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, *_COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, encoding="utf-8", start_new_session=True,
            )  # fmt: skip
        return self._process

    def read(self, path: Path) -> Reading:
        """Text, title and notes of a file.

        Raises:
            ValueError: it cannot be read; the message is the reason.
        """
        if (plain := read_plain_file(path)) is not None:
            return plain
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        started, timer = time.monotonic(), Timer(SECONDS, self._kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(os.path.abspath(path)) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            self._stop()
            late = time.monotonic() - started >= SECONDS
            raise ValueError(f"reading it took more than {SECONDS} seconds" if late else "its reader crashed")
        outcome = json.loads(line)
        if "reason" in outcome:
            raise ValueError(outcome["reason"])
        return Reading(outcome["text"], outcome["title"], tuple(outcome["notes"]))
