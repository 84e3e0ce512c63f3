"""A server, the worker of a run that it started, or a client, killed while clients ask: every request that was accepted
ends in the run's answer or in an error, and no run is lost.
"""

import json
import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import psutil
import requests

from chaos import clients
from chaos.outcome import of_run
from chaos.rows import SAME, Row
from chaos.sandbox import Done, Sandbox
from evaluation.jobs.job import JOBS
from evaluation.run.folder import RunFolder

LONGEST = 300.0  # seconds for a server to listen, or for a run to end
SERVER_S, WORKER_S, CLIENT_S = 6.0, 12.0, 2.0  # after which the kill falls, at most
MINE = "mine"  # the run that is started over HTTP
VICTIMS = ("server", "worker of a run", "client")
_GOING_ON = ("waiting", "running")


class Served:
    """A server that works in a copy of the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.process = sandbox.start(["serve", "run", "--port", "0", "--runs", "runs", "--start-runs"])
        self._wait(lambda: "Listening" in sandbox.printed())
        self.address = re.findall(r"http://[\d.]+:\d+", sandbox.printed())[0]

    def _wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + LONGEST
        while not until():
            if time.monotonic() > end or not self.sandbox.works(self.process):
                raise RuntimeError(f"the server does not work: {self.sandbox.wait(self.process).err[-800:]}")
            time.sleep(0.05)

    def runs(self, path: str = "", post: dict[str, Any] | None = None) -> requests.Response:
        """Ask an address below /v1/runs."""
        address = f"{self.address}/v1/runs{path}"
        return requests.get(address, timeout=60) if post is None else requests.post(address, json=post, timeout=60)

    def ended_run(self) -> str:
        """The state of the run once it goes on no more; empty where there is none."""
        state = ""

        def ends() -> bool:
            nonlocal state
            reply = self.runs(f"/{MINE}")
            state = reply.json()["status"] if reply.status_code == 200 else ""
            return state not in _GOING_ON

        self._wait(ends)
        return state

    def end(self) -> Done:
        """Stopped as an operator stops it."""
        os.kill(self.process, signal.SIGTERM)
        return self.sandbox.wait(self.process)


class Servers:
    """Kills of the three, in turns.

    Args:
        sandbox: with a finished, undisturbed run in `run`, which is left as it is.
    """

    name = "serve"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.expected = of_run(sandbox.root / "run")
        folder = RunFolder(sandbox.root / "run")
        asked, own = folder.questions(), ("oracle",)
        self.wanted = [
            (one.method, asked[one.question_id].question, one.answer)
            for one in folder.answers() if one.phase == "main" and one.method not in own
        ]  # fmt: skip

    def disturb(self, number: int, random: Random, scratch: Path) -> list[Row]:
        victim = VICTIMS[number % len(VICTIMS)]
        by = random.choice((signal.SIGKILL, signal.SIGTERM))
        sandbox = self.sandbox.copy(scratch / "sandbox", without=("cache",))
        (sandbox.root / "runs").mkdir()
        try:
            done = self._client(sandbox, random) if victim == "client" else self._run(sandbox, victim, by, random)
        except BaseException:
            for process in psutil.Process().children(recursive=True):
                process.kill()
            raise
        outcome, told = done
        shutil.rmtree(sandbox.root)
        name = "SIGKILL" if victim == "client" else by.name
        return [Row(self.name, number, f"{victim}, {name}", told, outcome)]

    def _run(self, sandbox: Sandbox, victim: str, by: signal.Signals, random: Random) -> tuple[str, str]:
        """Kill while clients ask and a run works; then the run ends, by itself or gone on with, as the undisturbed."""
        server = Served(sandbox)
        asking = _asking(sandbox, "client", server, self.wanted, random)
        started = server.runs("", {"domain": "domain", "name": MINE, "options": _options(sandbox)})
        if started.status_code != 202:
            raise RuntimeError(f"the run was not started: {started.text}")
        after = random.uniform(0, SERVER_S if victim == "server" else WORKER_S)
        time.sleep(after)
        if victim == "server":
            os.kill(server.process, by)
            done = sandbox.wait(server.process)
            wrong = "" if done.code == {signal.SIGKILL: -9, signal.SIGTERM: 0}[by] else f"ended with {done.code}"
        else:
            wrong = _kill_worker(sandbox, by, random)
        found = _ended(sandbox, "client", asking)
        if victim == "server":
            server = Served(sandbox)
        wrong = wrong or _unkept(found, victim, by) or self._lost(server)
        return _not_ended(server.end()) or wrong or SAME, f"after {after:.1f} s: {_told(found)}"

    def _lost(self, server: Served) -> str:
        """What is wrong with the run once it has ended; empty where it is the undisturbed one."""
        state = server.ended_run()
        if state != "complete":
            again = server.runs(f"/{MINE}/resume", {})
            if again.status_code == 409 and state in ("stopped", "crashed", "failed"):  # it had not begun
                again = server.runs("", {"domain": "domain", "name": MINE, "options": _options(server.sandbox)})
            if again.status_code != 202:
                return f"LOST the run ({state or 'unknown'}): {again.text[-300:]}"
            state = server.ended_run()
        if state != "complete":
            return f"FAILED: the run is {state} at last"
        return "" if of_run(server.sandbox.root / "runs" / MINE) == self.expected else "OTHER results of the run"

    def _client(self, sandbox: Sandbox, random: Random) -> tuple[str, str]:
        """Kill one of two processes of clients: the other gets all its answers, and no place stays taken."""
        server = Served(sandbox)
        leaves, stays = (_asking(sandbox, name, server, self.wanted, random) for name in ("leaves", "stays"))
        after = random.uniform(0.2, CLIENT_S)
        time.sleep(after)
        os.kill(leaves, signal.SIGKILL)
        os.waitpid(leaves, 0)
        time.sleep(1.0)
        found = _ended(sandbox, "stays", stays)
        waiting = requests.get(f"{server.address}/healthz", timeout=60).json()["waiting"]
        others = set(found) - {clients.ANSWER}
        wrong = f"OTHERS were held up: {_told(found)}" if others or not found else ""
        wrong = wrong or (f"{waiting} places stay taken" if waiting else "")
        return _not_ended(server.end()) or wrong or SAME, f"after {after:.1f} s: {_told(found)}"


def _options(sandbox: Sandbox) -> dict[str, Any]:
    """Those of the sandbox's own run."""
    given = sandbox.run_command()[2:]
    named = {given[at].removeprefix("--").replace("-", "_"): given[at + 1] for at in range(0, len(given), 2)}
    return {
        name: int(value) if value.isdecimal() else value
        for name, value in named.items() if name not in ("out", "device")
    }  # fmt: skip


def _kill_worker(sandbox: Sandbox, by: signal.Signals, random: Random) -> str:
    """Kill the job's process or the command that it started, where they have not ended."""
    (path,) = (sandbox.root / "runs" / JOBS).glob("*/process.json")
    try:
        worker = psutil.Process(json.loads(path.read_text(encoding="utf-8"))["pid"])
        random.choice([worker, *worker.children()]).send_signal(by)
    except psutil.NoSuchProcess:
        pass
    return ""


def _asking(sandbox: Sandbox, name: str, server: Served, wanted: clients.Wanted, random: Random) -> int:
    """A process of clients with a folder of its own."""
    (sandbox.root / name).mkdir()
    return clients.start(sandbox.root / name, server.address, wanted, random.randrange(1000))


def _ended(sandbox: Sandbox, name: str, asking: int) -> Counter[str]:
    """Let clients end; how their requests ended."""
    folder = sandbox.root / name
    (folder / clients.STOP).touch()
    os.waitpid(asking, 0)
    return Counter(json.loads((folder / clients.FOUND).read_text(encoding="utf-8")))


def _unkept(found: Counter[str], victim: str, by: signal.Signals) -> str:
    """A request that had no end, or not the run's answer; what a server may break depends on how it was killed."""
    allowed = {clients.ANSWER}
    if victim == "server":
        allowed |= clients.GOOD if by == signal.SIGKILL else clients.GOOD - {clients.CUT}
    bad = [ended for ended in found if ended not in allowed]
    return f"BROKEN: {'; '.join(bad)}" if bad else ""


def _not_ended(done: Done) -> str:
    return f"the server ended with {done.code}: {done.err[-500:]}" if done.code else ""


def _told(found: Counter[str]) -> str:
    return ", ".join(f"{count} {ended}" for ended, count in sorted(found.items()))
