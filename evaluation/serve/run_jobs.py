"""Runs that are started over HTTP, followed by server-sent events, stopped and gone on with."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Header
from fastapi.responses import StreamingResponse

from data.errors import TriviumError
from evaluation.jobs.job import stop
from evaluation.jobs.runs import resume_run, run_jobs, start_run
from evaluation.serve.errors import ApiError
from evaluation.serve.run_requests import RunRequest
from evaluation.serve.runs import Known, found, summary
from evaluation.serve.streams import event

MOST = 8  # runs that work or wait for their turn
FOLLOWERS = 64  # clients that follow runs at the same time
LOOK_S = 0.5  # between two looks at a run that is followed
QUIET_S = 15.0  # after which a silent stream says that it is still there
_WORK = ("waiting", "running")


def add_run_jobs(app: FastAPI, runs: Path, may_start: bool, ending: threading.Event) -> None:
    """The addresses below /v1/runs that do something.

    Args:
        ending: set when the server stops; streams then end.
    """
    one_at_a_time, followers = threading.Lock(), threading.BoundedSemaphore(FOLLOWERS)

    def allowed() -> None:
        if not may_start:
            raise ApiError(403, "this server starts and stops no runs; see --start-runs.", "runs_are_read_only")

    def room() -> None:
        if sum(job.active for job in run_jobs(runs).values()) >= MOST:
            raise ApiError(429, f"{MOST} runs wait or work already.", "queue_full", headers={"Retry-After": "60"})

    @app.post("/v1/runs", status_code=202)
    def start(asked: RunRequest) -> dict[str, Any]:
        """Start a run; it waits until no other works."""
        allowed()
        domain = asked.checked_domain(runs.parent)
        name = asked.name or f"{domain.name}-{asked.chosen().get('profile', 'standard')}-{time.time_ns() // 10**6}"
        with one_at_a_time:
            room()
            try:
                start_run(runs, domain, name, asked.arguments())
            except TriviumError as error:
                raise ApiError(409, str(error), "name_not_free", "name") from error
        return summary(name, found(runs, name))

    @app.post("/v1/runs/{name}/stop")
    def stopped(name: str) -> dict[str, Any]:
        """End a run with all that it started; what it has answered stays, and it can be gone on with."""
        allowed()
        run = found(runs, name)
        if run.job is None or not run.job.active:
            raise ApiError(409, f"{name}: no job of this workspace works on it.", "run_not_active")
        stop(run.job)
        return summary(name, found(runs, name))

    @app.post("/v1/runs/{name}/resume", status_code=202)
    def resumed(name: str) -> dict[str, Any]:
        """Go on with a run that was stopped."""
        allowed()
        with one_at_a_time:
            run = found(runs, name)
            if not run.folder.exists() or run.status in _WORK:
                raise ApiError(409, f"{name}: there is nothing to go on with.", "run_not_stopped")
            room()
            resume_run(runs, name)
        return summary(name, found(runs, name))

    @app.get("/v1/runs/{name}/events")
    async def events(name: str, last_event_id: str = Header("0")) -> StreamingResponse:
        """States and lines of the log as they come, as server-sent events, until the run works no more.

        A client that comes again with Last-Event-ID gets the lines after that one.
        """
        await asyncio.to_thread(found, runs, name)
        if not followers.acquire(blocking=False):
            wait = {"Retry-After": "10"}
            raise ApiError(429, "too many follow runs already; ask /v1/runs/NAME instead.", "queue_full", headers=wait)
        after = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 10 else 0
        return StreamingResponse(_released(_follow(runs, name, after, ending), followers), media_type=_SSE)


_SSE = "text/event-stream"


async def _released(stream: AsyncIterator[str], place: threading.BoundedSemaphore) -> AsyncIterator[str]:
    try:
        async for one in stream:
            yield one
    finally:
        place.release()


def _look(runs: Path, name: str) -> tuple[str, list[str]]:
    """State of a run and what it said. The state is read first: what has ended has said everything."""
    run: Known = found(runs, name)
    try:
        status = run.status
    except TriviumError:
        status = "damaged"
    return status, run.job.log if run.job else []


async def _follow(runs: Path, name: str, after: int, ending: threading.Event) -> AsyncIterator[str]:
    shown, quiet_since = "", time.monotonic()
    while not ending.is_set():
        try:
            status, log = await asyncio.to_thread(_look, runs, name)
        except ApiError as error:  # its folder was deleted
            yield event(error.body(), "error")
            return
        news = [event({"line": line}, "log", place) for place, line in enumerate(log[after:], after + 1)]
        after = max(after, len(log))
        if status != shown:
            news.append(event({"status": status}, "status"))
        shown = status
        if news or time.monotonic() - quiet_since > QUIET_S:
            quiet_since = time.monotonic()
            yield "".join(news) or ": still there\n\n"
        if status not in _WORK:
            return
        await asyncio.sleep(LOOK_S)
