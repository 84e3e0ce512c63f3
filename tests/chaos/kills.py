"""Commands killed at random moments and started again until they end: nothing may be lost, nothing may be different."""

import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from chaos.outcome import of_run
from chaos.rows import SAME, Row
from chaos.sandbox import Done, Sandbox
from chaos.work import WORKS, Work

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
STOPPED = {130, 143, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}
REPORTS = "writing the reports"
# What a run prints when a part of its work begins, and how many seconds later a kill may fall.
MARKS = (
    ("loading the model", 3.0), ("inject: filling the window", 1.0), ("rag: embedding", 2.0), ("rag: answering", 0.5),
    ("rag: taking in the changed documents", 0.5), ("lora: training", 40.0), ("lora: training", 40.0),
    ("lora: answering", 0.5), ("lora+rag: answering", 0.5), ("lora+rag: asking about changes", 0.5),
    ("one question at a time", 4.0), (REPORTS, 4.0),
)  # fmt: skip
PARTS = (  # of a run, by the last line that it printed
    ("training", r"lora: training"), ("indexing", r"embedding|indexing"), ("documents that change", r"chang"),
    ("answering one at a time", r"one question at a time"), ("grading and reporting", r"report|^method: oracle"),
    ("answering", r": (reading|answering|filling|trained|what the)|^method"), ("loading", r""),
)  # fmt: skip
TOGETHER = 4  # kills of one run before it may end


def part_of(printed: str) -> str:
    """What a run was doing when it printed its last line."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return next(name for name, pattern in PARTS if re.search(pattern, lines[-1] if lines else ""))


def killed(sandbox: Sandbox, arguments: list[str], by: signal.Signals, after: float, mark: str = "",
           stdin: Path | None = None) -> tuple[Done, float]:  # fmt: skip
    """A command that is sent a signal so many seconds after it printed the mark, or when its reports begin; unless it
    has ended by then. Returns how it ended, and how many seconds after the mark.
    """
    process = sandbox.start(arguments, stdin)
    while mark and sandbox.works(process) and mark not in sandbox.printed():
        time.sleep(0.02)
    begun = time.monotonic()
    while time.monotonic() < begun + after and sandbox.works(process):
        if mark not in ("", REPORTS) and REPORTS in sandbox.printed():
            break
        time.sleep(0.005)
    passed = time.monotonic() - begun
    if sandbox.works(process):
        os.kill(process, by)
    return sandbox.wait(process), passed


class Kills:
    """Three runs that are killed a few times each, then every other command that writes, killed once; and again.

    Args:
        sandbox: with a finished, undisturbed run in `run`, which is left as it is.
    """

    name = "kill"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.expected = of_run(sandbox.root / "run")
        self.undisturbed: dict[str, tuple[float, Any]] = {}

    def disturb(self, number: int, random: Random, scratch: Path) -> list[Row]:
        if number % 4 < 3:
            return self._run(number, random, scratch)
        return [row for work in WORKS for row in self._work(work, number, random, scratch / work.name)]

    def _run(self, number: int, random: Random, scratch: Path) -> list[Row]:
        sandbox = self.sandbox.copy(scratch / "run", without=("run", "cache"))
        rows = []
        for place in sorted(random.sample(range(len(MARKS)), TOGETHER)):
            mark, most = MARKS[place]
            by, after = random.choice(SIGNALS), random.uniform(0, most)
            done, after = killed(sandbox, sandbox.run_command(), by, after, mark)
            if done.left:
                rows.append((part_of(done.out), f"FAILED: {by.name} left processes that went on"))
            elif done.code in STOPPED:
                rows.append((part_of(done.out), f"{by.name} {after:.1f} s after '{mark}'"))
            elif done.code:
                rows.append((part_of(done.out), f"FAILED with code {done.code}: {done.err[-500:]}"))
        last = sandbox.trivium(*sandbox.run_command())
        outcome = _outcome(last, self.expected, lambda: of_run(sandbox.root / "run"), sandbox.root / "run")
        shutil.rmtree(sandbox.root)
        return [
            Row(self.name, number, f"run: {part}", moment, outcome if not moment.startswith("FAILED") else moment)
            for part, moment in rows
        ]

    def _work(self, work: Work, number: int, random: Random, scratch: Path) -> list[Row]:
        seconds, expected = self._undisturbed(work, scratch.with_name(f"{work.name} undisturbed"))
        sandbox = work.begin(self.sandbox, scratch)
        by, after = random.choice(SIGNALS), random.uniform(0, seconds)
        done, after = killed(sandbox, work.arguments, by, after, stdin=work.stdin(sandbox))
        moment = f"{by.name} at {after:.1f} s of {seconds:.1f}"
        rows = []
        if done.left:
            rows = [Row(self.name, number, work.name, moment, "FAILED: processes went on")]
        elif done.code in STOPPED:
            last = sandbox.trivium(*work.arguments, stdin=work.stdin(sandbox))
            outcome = _outcome(last, expected, lambda: work.found(sandbox), sandbox.root)
            rows = [Row(self.name, number, work.name, moment, outcome)]
        elif done.code:
            rows = [Row(self.name, number, work.name, moment, f"FAILED with code {done.code}: {done.err[-500:]}")]
        shutil.rmtree(sandbox.root)
        return rows

    def _undisturbed(self, work: Work, scratch: Path) -> tuple[float, Any]:
        """How long the command takes, and what it leaves."""
        if work.name not in self.undisturbed:
            sandbox = work.begin(self.sandbox, scratch)
            started = time.perf_counter()
            done = sandbox.trivium(*work.arguments, stdin=work.stdin(sandbox))
            if done.code:
                raise RuntimeError(f"trivium {work.name} failed undisturbed: {done.err[-800:]}")
            self.undisturbed[work.name] = time.perf_counter() - started, work.found(sandbox)
            shutil.rmtree(sandbox.root)
        return self.undisturbed[work.name]


def _outcome(last: Done, expected: Any, found: Callable[[], Any], folder: Path) -> str:
    if last.code:
        return f"FAILED with code {last.code}: {last.err[-500:]}"
    left = [str(path.relative_to(folder)) for path in folder.rglob(".*.new")]
    if left:
        return f"LEFT unfinished files: {', '.join(left)}"
    try:
        return SAME if found() == expected else "OTHER results"
    except (OSError, ValueError, KeyError) as error:
        return f"OTHER results: {type(error).__name__}: {error}"
