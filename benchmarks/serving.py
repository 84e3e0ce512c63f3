"""What `trivium serve` takes on loopback: one client, then many, some of which leave, and one that does not read.

python -m benchmarks.serving RUN [--method rag] [--clients 50 200] [--seconds 60] [--one 30] [--out FILE]

The server is a process of its own on this machine, so clients and server share its cores. Every answer is compared with
the run's. Memory is the server's resident set, read each second; its growth is from the first ten seconds under
load to the last ten.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import psutil

from data.files import write_json
from evaluation.run.folder import RunFolder

_EDGE = 10  # samples of memory at the beginning and at the end of a load


@dataclass
class Load:
    """What clients saw."""

    wanted: dict[str, str]  # the run's answer to each question
    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    differs: int = 0  # answers other than the run's
    slow: list[bool] = field(default_factory=list)  # of each stream that was read slowly, whether it had an end

    def figures(self, clients: int, took: float, memory: Sequence[int]) -> dict[str, Any]:
        cuts = quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [0.0] * 99
        first, last = mean(memory[:_EDGE] or [1]), mean(memory[-_EDGE:] or [1])
        return {
            "clients": clients,
            "seconds": took,
            "answers": self.outcomes["200"],
            "per_second": self.outcomes["200"] / took,
            "p50_s": cuts[49],
            "p95_s": cuts[94],
            "outcomes": dict(self.outcomes),
            "differ_from_the_run": self.differs,
            "slow_streams": len(self.slow),
            "slow_streams_whole": sum(self.slow),
            "memory_mib": [round(first / 2**20), round(last / 2**20), round(max(memory, default=0) / 2**20)],
            "memory_growth": last / first - 1,
            "memory": list(memory),
        }


@contextmanager
def serving(run: Path, method: str, log: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a server; ended with SIGTERM."""
    command = [sys.executable, "-m", "evaluation", "serve", str(run), "--methods", method, "--port", "0"]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ) as process,
    ):
        try:
            assert process.stdout
            said = next(line for line in process.stdout if "Listening" in line)
            yield re.findall(r"http://[\d.]+:\d+", said)[0], process.pid
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """Resident bytes of a process, each second."""
    found: list[int] = []
    ended, process = threading.Event(), psutil.Process(pid)

    def look() -> None:
        while not ended.wait(1):
            found.append(process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


async def _client(number: int, address: str, method: str, load: Load, end: float) -> None:
    """Asks one question after the other; told to come again, it waits as told."""
    from openai import APIStatusError, AsyncOpenAI

    questions = list(load.wanted)
    async with AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=300) as client:
        at = number * 7
        while time.monotonic() < end:
            question, started = questions[at % len(questions)], time.monotonic()
            at += 1
            try:
                reply = await client.chat.completions.create(
                    model=method, messages=[{"role": "user", "content": question}]
                )
            except APIStatusError as error:
                load.outcomes[str(error.status_code)] += 1
                await asyncio.sleep(float(error.response.headers.get("retry-after", 1)))
                continue
            except Exception as error:
                load.outcomes[type(error).__name__] += 1
                continue
            load.outcomes["200"] += 1
            load.seconds.append(time.monotonic() - started)
            load.differs += reply.choices[0].message.content != load.wanted[question]


async def _leaving(address: str, method: str, question: str, end: float) -> int:
    """A client that asks and leaves after a tenth of a second, again and again; returns how often."""
    host, port = address.removeprefix("http://").split(":")
    times = 0
    while time.monotonic() < end:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(_request(method, question, stream=bool(times % 2)))
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        times += 1
    return times


async def _reading_slowly(address: str, method: str, question: str, load: Load, end: float) -> None:
    """A client that takes a few bytes of its streams at a time."""
    host, port = address.removeprefix("http://").split(":")
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection(host, int(port), limit=64)
        writer.write(_request(method, question, stream=True, last=True))
        text = b""
        while part := await reader.read(32):
            text += part
            await asyncio.sleep(0.02)
        writer.close()
        if text.startswith(b"HTTP/1.1 429"):
            await asyncio.sleep(1)
        else:
            load.slow.append(b"data: [DONE]" in text)


async def _not_reading(address: str, method: str, question: str, end: float) -> None:
    """A client that asks for a stream and never reads it."""
    host, port = address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1)
    writer.write(_request(method, question, stream=True))
    await asyncio.sleep(max(0.0, end - time.monotonic()))
    writer.close()


def _request(method: str, question: str, stream: bool, last: bool = False) -> bytes:
    """Args: last: whether the connection ends with the answer."""
    asked = {"model": method, "stream": stream, "messages": [{"role": "user", "content": question}]}
    body = json.dumps(asked).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += "Connection: close\r\n" if last else ""
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _load(
    address: str, method: str, load: Load, clients: int, seconds: float, hostile: bool
) -> tuple[float, int]:
    """All clients at once; returns the seconds until the last answer, and how often one left."""
    started = time.monotonic()
    end = started + seconds
    others: list[asyncio.Task[Any]] = []
    if hostile:
        question = next(iter(load.wanted))
        others = [asyncio.create_task(_leaving(address, method, question, end)) for _ in range(3)]
        others.append(asyncio.create_task(_not_reading(address, method, question, end)))
        others.append(asyncio.create_task(_reading_slowly(address, method, question, load, end)))
    await asyncio.gather(*(_client(number, address, method, load, end) for number in range(clients)))
    took = time.monotonic() - started
    left = sum(one for one in await asyncio.gather(*others) if one)
    return took, left


def measure(
    address: str, pid: int, method: str, wanted: dict[str, str], clients: int, seconds: float
) -> dict[str, Any]:
    """One load; where there are many clients, others leave, do not read, or read slowly."""
    load = Load(wanted)
    with watched(pid) as memory:
        took, left = asyncio.run(_load(address, method, load, clients, seconds, hostile=clients > 1))
    return load.figures(clients, took, memory) | {"left": left}


def answers_of(run: Path, method: str) -> dict[str, str]:
    """The run's answer to each of its questions."""
    folder = RunFolder(run)
    asked = folder.questions()
    answers = [one for one in folder.answers() if (one.method, one.phase) == (method, "main")]
    return {asked[one.question_id].question: one.answer for one in answers}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--method", default="rag")
    parser.add_argument("--clients", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--one", type=float, default=30, help="seconds of the client that is alone")
    parser.add_argument("--out", type=Path, default=Path("serving.json"))
    given = parser.parse_args(arguments)
    wanted, rows = answers_of(given.run, given.method), []
    with serving(given.run, given.method, given.out.with_suffix(".log")) as (address, pid):
        for clients, seconds in [(1, given.one), *((n, given.seconds) for n in given.clients)]:
            rows.append(measure(address, pid, given.method, wanted, clients, seconds))
            rows[-1]["times_one"] = rows[-1]["per_second"] / rows[0]["per_second"]
            print(json.dumps({key: value for key, value in rows[-1].items() if key != "memory"}), flush=True)
    write_json(given.out, {"method": given.method, "cores": os.cpu_count(), "loads": rows})


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
