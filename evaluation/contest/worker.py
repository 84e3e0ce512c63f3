"""The process in which a function of the user's answers: questions come in and replies go out, one JSON line each.

Started as a script of its own; it imports nothing of Trivium, so that a user's own module `data` or `model` is found.
"""

import asyncio
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any


def _sentence(error: BaseException) -> str:
    """The error, with the last line of the user's code that it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _loaded(module: str, function: str) -> Callable[[str], Any]:
    found = getattr(import_module(module), function)
    if not callable(found):
        raise TypeError(f"{module}.{function} is no function")
    called: Callable[[str], Any] = found
    return called


def _outcome(function: Callable[[str], Any], question: str) -> str:
    """One line: {"reply"} or {"error"}."""
    try:
        said = function(question)
        if inspect.isawaitable(said):
            said = asyncio.run(_awaited(said))
    except (Exception, SystemExit) as error:
        return json.dumps({"error": f"it raised {_sentence(error)}"})
    try:
        return json.dumps({"reply": said}, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"error": f"it returned what is no JSON ({error})"})


async def _awaited(said: Any) -> Any:
    return await said


def serve(module: str, function: str, folder: str) -> None:
    """Answer questions until the input ends. The first line out says whether the function could be loaded."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a function prints is no answer
    sys.path.insert(0, folder)
    try:
        called = _loaded(module, function)
        first = json.dumps({"ready": True})
    except (Exception, SystemExit) as error:
        first = json.dumps({"error": _sentence(error)})
    print(first, file=replies, flush=True)
    if "error" in json.loads(first):
        return
    for line in sys.stdin:
        print(_outcome(called, json.loads(line)), file=replies, flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
