"""A process of clients that ask a server until they are told to stop, and then say how each request ended."""

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import requests

from data.files import write_json

PATIENCE = 60.0  # seconds in which a request must have ended
ANSWER, REFUSED, CLOSED, BROKEN, CUT = "answers", "errors", "not accepted", "broken before", "broken within"
GOOD = frozenset({ANSWER, REFUSED, CLOSED, BROKEN, CUT})  # anything else is a broken promise and says how
STOP, FOUND = ".stop", ".found.json"

Wanted = Sequence[tuple[str, str, str]]  # method, question, the run's answer


def ask(address: str, method: str, question: str, answer: str, stream: bool) -> str:
    """One request; how it ended. A whole answer has to be the run's, and part of one may not look like a whole."""
    asked = {"model": method, "messages": [{"role": "user", "content": question}], "stream": stream}
    begun = False
    try:
        with requests.post(f"{address}/v1/chat/completions", json=asked, stream=True, timeout=PATIENCE) as reply:
            begun = True
            if reply.status_code != 200:
                return REFUSED if reply.json()["error"]["message"] else f"status {reply.status_code} without a reason"
            said = _streamed(reply) if stream else str(reply.json()["choices"][0]["message"]["content"])
        if said is None:
            return REFUSED
        return ANSWER if said == answer else f"OTHER answer: {said!r} for {answer!r}"
    except requests.Timeout:
        return f"NO END within {PATIENCE:.0f} s"
    except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError) as error:
        return CUT if begun else CLOSED if "refused" in str(error) else BROKEN


def _streamed(reply: requests.Response) -> str | None:
    """The text of a stream; None where it ends in an error. One that ends without its mark is no answer."""
    text = ""
    for line in reply.iter_lines():
        content = line.removeprefix(b"data: ")
        if content == b"[DONE]":
            return text
        if content:
            event = json.loads(content)
            if "error" in event:
                return None
            text += event["choices"][0]["delta"].get("content", "")
    return f"{text} (a stream without end)"


def _keep_asking(folder: Path, address: str, wanted: Wanted, random: Random, found: Counter[str]) -> None:
    while not (folder / STOP).exists():
        ended = ask(address, *random.choice(wanted), stream=random.random() < 0.5)
        found[ended] += 1
        if ended == CLOSED:
            threading.Event().wait(0.05)


def start(folder: Path, address: str, wanted: Wanted, seed: int, many: int = 6) -> int:
    """Start the process; returns its id. It asks until there is a file STOP in the folder, and leaves FOUND there."""
    return forked(lambda: _all(folder, address, wanted, seed, many))


def forked(work: Callable[[], None]) -> int:
    """Do something in a process of its own."""
    if child := os.fork():
        return child
    code = 70
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _all(folder: Path, address: str, wanted: Wanted, seed: int, many: int) -> None:
    found = Counter[str]()
    places = [(folder, address, wanted, Random(f"{seed} {number}"), found) for number in range(many)]
    threads = [threading.Thread(target=_keep_asking, args=place) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write_json(folder / FOUND, found)
