"""Commands killed at random moments and started again until they end: nothing may be lost, nothing may be different."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from chaos.outcome import of_folder, of_run
from chaos.sandbox import Done, Sandbox

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
STOPPED = {130, 143, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}

Kill = tuple[str, str, str]  # what was killed with which signal, at which second, and what came of the series


def _killed(sandbox: Sandbox, arguments: list[str], after: float, by: signal.Signals, stdin: Path | None) -> Done:
    """A command that is sent a signal after so many seconds, unless it has ended by then."""
    process = sandbox.start(arguments, stdin)
    deadline = time.monotonic() + after
    while time.monotonic() < deadline and os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(0.005)
    with suppress(ProcessLookupError):
        os.kill(process, by)
    return sandbox.wait(process)


def _series(sandbox: Sandbox, arguments: list[str], seconds: float, kills: int, random_: random.Random,
            found: Callable[[], Any], stdin: Path | None = None) -> Iterator[Kill]:  # fmt: skip
    """Kill a command so often, then let it end. Every kill of the series shares what came of it.

    Args:
        seconds: that the command takes when nobody disturbs it.
        found: what there is at the end.
    """
    moments = []
    for _ in range(kills):
        after, by = random_.uniform(0, seconds), random_.choice(SIGNALS)
        done = _killed(sandbox, arguments, after, by, stdin)
        if done.code in STOPPED:
            moments.append((by, after))
        elif done.code:
            yield arguments[0], f"{by.name} at {after:.1f} s", f"FAILED with code {done.code}: {done.err[-300:]}"
            return
    last = sandbox.trivium(*arguments, stdin=stdin)
    outcome = found() if last.code == 0 else f"FAILED with code {last.code}: {last.err[-300:]}"
    for by, after in moments:
        yield arguments[0], f"{by.name} at {after:.1f} s", outcome


def _timed(sandbox: Sandbox, arguments: list[str], stdin: Path | None = None) -> float:
    started = time.perf_counter()
    done = sandbox.trivium(*arguments, stdin=stdin)
    if done.code:
        raise RuntimeError(f"trivium {' '.join(arguments)} failed undisturbed: {done.err[-800:]}")
    return time.perf_counter() - started


def _same(expected: Any, found: Callable[[], Any]) -> str:
    try:
        return "same" if found() == expected else "OTHER results"
    except (OSError, ValueError, KeyError) as error:
        return f"FAILED: {type(error).__name__}: {error}"


def _decisions(folder: Path, count: int) -> Path:
    """What a person types in a review: each draft accepted."""
    typed = folder / ".typed"
    typed.write_text("a\n" * count, encoding="utf-8")
    return typed


def kill_series(sandbox: Sandbox, epochs: int, kills: int, random_: random.Random, scratch: Path) -> Iterator[Kill]:
    """At least so many kills: four fifths in `run`, the rest in `score`, `import`, `init` and `review`.

    Args:
        sandbox: with a finished, undisturbed run in `run`, which is left as it is.
        scratch: an empty folder.
    """
    command = sandbox.run_command(epochs)
    straight = sandbox.copy(scratch / "straight")
    for name in ("run", "cache"):
        _remove(straight.root / name)
    seconds = _timed(straight, command)
    expected, done = of_run(straight.root / "run"), 0
    while done < kills * 4 // 5:
        disturbed = sandbox.copy(scratch / f"run-{done}")
        for name in ("run", "cache"):
            _remove(disturbed.root / name)
        check = partial(_same, expected, partial(of_run, disturbed.root / "run"))
        for kill in _series(disturbed, command, seconds, 4, random_, check):
            done += 1
            yield kill
        _remove(disturbed.root)
    yield from _short_series(sandbox, straight, max(1, kills // 20), random_, scratch)


def _short_series(
    sandbox: Sandbox, straight: Sandbox, kills: int, random_: random.Random, scratch: Path
) -> Iterator[Kill]:
    """Score, import, init and review, each killed so often and compared with the same command undisturbed."""
    _remove(sandbox.root / "taken")
    for name, arguments, result, stdin in (
        ("score", ["score", "run"], "run", None),
        ("import", ["import", "domain/documents", "taken"], "taken", None),
        (
            "init",
            ["init", "taken", "--documents", "domain/documents", "--model", "model", "--facts", "8"],
            "taken",
            None,
        ),
        ("review", ["review", "taken"], "taken", 99),
    ):
        typed = _decisions(straight.root, stdin) if stdin else None
        before = straight.copy(scratch / f"{name}-before")
        seconds = _timed(straight, arguments, typed)
        look: Callable[[Path], Any] = of_run if result == "run" else of_folder
        expected = look(straight.root / result)
        for number in range(kills):
            disturbed = before.copy(scratch / f"{name}-{number}")
            check = partial(_same, expected, partial(look, disturbed.root / result))
            yield from _series(disturbed, arguments, seconds, 1, random_, check, typed)
            _remove(disturbed.root)


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
