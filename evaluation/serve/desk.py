"""Where requests wait, and the one thread that owns the model and answers those that fit together as one batch."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import ceil
from typing import Any, ClassVar

from data.errors import TriviumError
from evaluation.serve.answering import Answering, Ask
from evaluation.serve.pace import Pace

_LONGEST_WAIT = 60  # seconds that a client is told to wait at most before it comes again


@dataclass(frozen=True)
class Embed:
    """Texts whose vectors are wanted."""

    texts: tuple[str, ...]
    kind: ClassVar[str] = " embed"  # how long it takes is learnt apart

    @property
    def together(self) -> tuple[Any, ...]:
        return (self.kind,)


@dataclass(eq=False)
class Ticket:
    """The place of one question: what is asked, and where the answer goes."""

    wanted: Ask | Embed
    on_text: Callable[[str], None] | None = None  # gets the answer so far
    done: "Future[Any]" = field(default_factory=Future)
    entered: float = field(default_factory=time.monotonic)
    waited: float = 0.0  # seconds until its batch began
    left: bool = False

    def leave(self) -> None:
        """Nobody waits for it any more: it is not answered, or no further."""
        self.left = True


class Full(Exception):
    """So many wait that no more are taken."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class Desk:
    """Takes requests from any thread.

    Args:
        queue: how many may wait beside those that are being answered.
        batch: questions answered together, at most.
        window_s: how long a batch waits for more questions.
        limit_s: within which a request has to be answered; where what waits takes too long for that, no more is taken.
        on_batch: called with the number of questions of each batch.
    """

    def __init__(
        self, answering: Answering, queue: int, batch: int, window_s: float, limit_s: float,
        on_batch: Callable[[int], None] = lambda rows: None,
    ) -> None:  # fmt: skip
        self.answering, self.queue, self.window_s = answering, queue, window_s
        self.on_batch, self._pace = on_batch, Pace(limit_s, batch)
        self._waiting: deque[Ticket] = deque()
        self._answered: list[Ticket] = []  # now
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)

    @property
    def waiting(self) -> int:
        """Requests that no batch has taken yet."""
        with self._changed:
            return sum(not ticket.left for ticket in self._waiting)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer all that wait, then end; nothing is taken from now on."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def take(self, tickets: Sequence[Ticket]) -> None:
        """Let requests wait: all of them or none.

        Raises:
            Full: there is no room for all of them, what waits takes too long, or the server is stopping.
        """
        with self._changed:
            self._drop_left()
            ahead = [one.wanted.kind for one in (*self._answered, *self._waiting) if not one.left]
            ahead_s = self._pace.seconds(ahead)
            if self._closing or len(self._waiting) + len(tickets) > self.queue or self._pace.in_vain(ahead_s):
                raise Full(min(_LONGEST_WAIT, max(1, ceil(ahead_s / 2))))
            self._waiting.extend(tickets)
            self._changed.notify_all()

    def _drop_left(self) -> None:
        kept = [ticket for ticket in self._waiting if not ticket.left]
        if len(kept) < len(self._waiting):
            self._waiting = deque(kept)

    def _work(self) -> None:
        try:
            while batch := self._next():
                started = time.monotonic()
                for ticket in batch:
                    ticket.waited = started - ticket.entered
                    ticket.left |= not ticket.done.set_running_or_notify_cancel()
                if answered := [ticket for ticket in batch if not ticket.left]:
                    self._answer(answered)
                    self.on_batch(len(answered))
                    self._pace.learn(batch[0].wanted.kind, len(answered), time.monotonic() - started)
        finally:
            self.answering.close()

    def _next(self) -> list[Ticket]:
        """The oldest request with all that can be answered beside it; none when everything is done."""
        with self._changed:
            while True:
                self._drop_left()
                self._answered = []
                if not self._waiting:
                    if self._closing:
                        return []
                    self._changed.wait()
                    continue
                first = self._waiting[0]
                most = self._pace.rows(first.wanted.kind)
                fitting = [one for one in self._waiting if one.wanted.together == first.wanted.together][:most]
                rest = self.window_s - (time.monotonic() - first.entered)
                if rest <= 0 or len(fitting) == most or self._closing:
                    taken = set(map(id, fitting))
                    self._waiting = deque(one for one in self._waiting if id(one) not in taken)
                    self._answered = fitting
                    return fitting
                self._changed.wait(rest)

    def _answer(self, batch: list[Ticket]) -> None:
        if not batch:
            return
        try:
            results = self._results(batch)
        except Exception as error:  # whatever goes wrong in there belongs to a request, and the thread goes on
            if len(batch) > 1 and isinstance(error, TriviumError):
                for ticket in batch:  # one that cannot be answered must not take the others with it
                    self._answer([ticket])
                return
            for ticket in batch:
                ticket.done.set_exception(error)
            return
        for ticket, result in zip(batch, results, strict=True):
            ticket.done.set_result(result)

    def _results(self, batch: list[Ticket]) -> Sequence[Any]:
        asks = [ticket.wanted for ticket in batch if isinstance(ticket.wanted, Ask)]
        if not asks:
            return self._vectors([ticket.wanted for ticket in batch if isinstance(ticket.wanted, Embed)])

        def on_text(row: int, text: Callable[[], str]) -> bool | None:
            ticket = batch[row]
            if ticket.on_text and not ticket.left:
                ticket.on_text(text())
            return ticket.left

        return self.answering.answer(asks, on_text)

    def _vectors(self, wanted: Sequence[Embed]) -> list[Any]:
        """Of each request its vectors and how many tokens they were made from."""
        vectors = self.answering.embed([text for one in wanted for text in one.texts])
        parts, at = [], 0
        for one in wanted:
            parts.append((vectors[at : at + len(one.texts)], self.answering.embedded_tokens(one.texts)))
            at += len(one.texts)
        return parts
