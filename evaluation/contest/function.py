"""A Python function of the user's. It answers in processes of its own, which can be ended when it hangs or crashes."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from data import jsonl
from data.text_cleaning import clean_text
from evaluation.contest.address import function_of
from evaluation.contest.reply import MAX_BYTES, Reply, Unusable, reply_of
from evaluation.contest.system import Failure, Limits, Request

_WORKER = Path(__file__).with_name("worker.py")
_STARTING = 600.0  # seconds that importing may take: an index may be read


class _Worker:
    """One process with the function loaded.

    Raises:
        Failure: the function cannot be loaded.
    """

    def __init__(self, module: str, function: str, folder: Path) -> None:
        command = [sys.executable, "-P", str(_WORKER), module, function, str(folder)]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        told = self._line(None, _STARTING, "it was not loaded")
        if "error" in told:
            self.close()
            raise Failure(f"it cannot be loaded: {_one_line(told['error'])}", gone=True)

    def ask(self, question: str, seconds: float) -> Any:
        """What the function returned."""
        told = self._line(json.dumps(question), seconds, "no answer")
        if "error" in told:
            raise Failure(_one_line(told["error"]))
        return told["reply"]

    def _line(self, sent: str | None, seconds: float, late: str) -> dict[str, Any]:
        """What the process writes next. After a failure it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        deadline, timer = time.monotonic() + seconds, Timer(seconds, self.end)
        timer.start()
        try:
            if sent is not None:
                self._process.stdin.write(sent + "\n")
                self._process.stdin.flush()
            line = self._process.stdout.readline(MAX_BYTES)
        except OSError:
            line = ""
        finally:
            timer.cancel()
        if line.endswith("\n"):
            told: dict[str, Any] = jsonl.loads(line)
            return told
        self.close()
        if line:
            raise Failure(f"its reply is larger than {MAX_BYTES // 2**20} MiB")
        if time.monotonic() >= deadline:
            raise Failure(f"{late} within {seconds:g} seconds", again=True)
        raise Failure("its process ended", again=True)

    def end(self) -> None:
        """End the process and what it has started; its pipes stay, for whoever reads from one."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        self.end()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close() if pipe else None


class FunctionSystem:
    """As many processes as questions are asked at once; each is started when it is needed, and again after a crash."""

    def __init__(self, name: str, address: str, limits: Limits) -> None:
        self._place, self.limits = function_of(address), limits
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._all: list[_Worker] = []
        self._lock = Lock()
        for _ in range(limits.at_once):
            self._free.put(None)

    @contextlib.contextmanager
    def _worker(self) -> Iterator[_Worker]:
        worker = self._free.get()
        try:
            if worker is None or worker.ended:
                worker = _Worker(*self._place)
                with self._lock:
                    self._all.append(worker)
            yield worker
        finally:
            self._free.put(worker)

    def ready(self) -> None:
        with self._worker():
            pass

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        return []

    def ask(self, request: Request) -> Reply:
        with self._worker() as worker:
            said = worker.ask(request.question, self.limits.seconds)
        try:
            return reply_of(said)
        except Unusable as error:
            raise Failure(str(error)) from error

    def close(self) -> None:
        for worker in self._all:
            worker.close()


def _one_line(text: object) -> str:
    return " ".join(clean_text(str(text)).split())[:300]
