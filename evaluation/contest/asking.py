"""Ask a system many questions, several at once, with patience; nothing that was answered is lost when one fails."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from evaluation.contest.reply import Reply
from evaluation.contest.system import Failure, Request, System

WAITS = (1.0, 5.0)  # seconds before a question is asked again
Pause = Callable[[float], bool]  # waits so many seconds; whether there is no use in going on


@dataclass(frozen=True)
class Outcome:
    """What came of one question.

    Args:
        place: of the question among those asked.
        reply: None where there is none; `reason` says why.
        seconds: of the attempt that was answered.
    """

    place: int
    reply: Reply | None
    seconds: float
    reason: str = ""


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def ask_patiently(system: System, request: Request, pause: Pause = _sleep) -> tuple[Reply, float]:
    """A reply and its seconds; asked again where that can help.

    Raises:
        Failure: it was not answered, however often it was asked.
    """
    for seconds in (*WAITS, None):
        started = time.perf_counter()
        try:
            return system.ask(request), time.perf_counter() - started
        except Failure as failure:
            if seconds is None or not failure.again or pause(max(seconds, failure.wait)):
                raise
    raise AssertionError("the last attempt returns or raises")


def ask_all(system: System, requests: Sequence[Request], at_once: int, skip: bool = False) -> Iterator[Outcome]:
    """Outcomes as they come, not in the order of the questions.

    Args:
        skip: whether a question that fails is passed over. A system that is gone ends everything all the same.

    Raises:
        Failure: a question was not answered; those under way have been waited for and yielded, but are not asked again.
            `place` is its place.
    """
    waiting, failed = iter(enumerate(requests)), list[tuple[int, Failure]]()
    running: dict[Future[tuple[Reply, float]], int] = {}
    pool, over = ThreadPoolExecutor(at_once), Event()
    try:
        while True:
            while not failed and len(running) < at_once and (following := next(waiting, None)):
                running[pool.submit(ask_patiently, system, following[1], over.wait)] = following[0]
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                place = running.pop(future)
                try:
                    yield Outcome(place, *future.result())
                except Failure as failure:
                    if skip and not failure.gone:
                        yield Outcome(place, None, 0.0, failure.reason)
                    else:
                        failed.append((place, failure))
                        over.set()
    finally:
        over.set()
        pool.shutdown(wait=False, cancel_futures=True)
    if failed:
        failed[0][1].place = failed[0][0]
        raise failed[0][1]
