"""How a request of any kind waits for its answer, and gives its place free when its client leaves."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from evaluation.export.folder import ServeSettings
from evaluation.serve import replies
from evaluation.serve.answering import Answering, Ask, Told
from evaluation.serve.desk import Desk, Embed, Ticket
from evaluation.serve.errors import ApiError
from evaluation.serve.gate import NOTES
from evaluation.serve.metrics import Metrics
from evaluation.serve.requests import Choosing
from evaluation.serve.streams import Listener, Piece, events
from model.sampling import Sampling


class Service:
    """The desk with its limits, and what all addresses have in common."""

    def __init__(self, answering: Answering, settings: ServeSettings, metrics: Metrics) -> None:
        self.answering, self.settings, self.metrics = answering, settings, metrics
        self.desk = Desk(
            answering, settings.queue, settings.batch, settings.window_ms / 1000, settings.time_limit, metrics.batch
        )
        record = answering.record
        self.fingerprint = f"{record.run}-{record.model.identity.get('weights') or 'served'}"[:40]
        self.started = int(time.time())

    def sampling(self, asked: Choosing) -> Sampling:
        """The run's, with what the client asked for.

        Raises:
            ApiError: no such method, or an answer longer than is allowed.
        """
        if asked.model not in self.answering.methods:
            raise self.unknown(asked.model)
        if asked.most and asked.most > self.settings.max_tokens:
            raise ApiError(
                400, f"at most {self.settings.max_tokens} tokens an answer.", "too_many_tokens", "max_tokens"
            )
        own = self.answering.sampling(asked.model)
        wanted = {
            "max_new_tokens": asked.most, "temperature": asked.temperature, "top_p": asked.top_p, "seed": asked.seed,
            "stop": (*own.stop, *asked.stop) if isinstance(asked.stop, list) and asked.stop else None,
        }  # fmt: skip
        return own.model_copy(update={key: value for key, value in wanted.items() if value is not None})

    def others(self, wanted: int | None) -> int | None:
        """Likely tokens told beside each token, as asked for.

        Raises:
            ApiError: the model shows no log probabilities.
        """
        if wanted is not None and (why := self.answering.no_log_probabilities):
            raise ApiError(400, f"{why}.", "logprobs_not_available", "logprobs")
        return wanted

    def unknown(self, model: str) -> ApiError:
        names = ", ".join(self.names)
        return ApiError(404, f"there is no model {model!r} here; there is {names}.", "model_not_found", "model")

    @property
    def names(self) -> list[str]:
        """Models that can be named: the methods, and the embedding model where one is searched with."""
        embedder = self.answering.embedder_name
        return [*self.answering.methods, *([embedder] if embedder else [])]

    async def answers(self, request: Request, wanted: Sequence[Ask | Embed]) -> list[Any]:
        """What was asked, once it is there.

        Raises:
            Full: too many wait.
            ApiError: it took too long, or the client left; its place is free again.
        """
        tickets = [Ticket(one) for one in wanted]
        self.desk.take(tickets)
        futures = [asyncio.wrap_future(ticket.done) for ticket in tickets]
        all_done = asyncio.gather(*futures)
        all_done.add_done_callback(_failed)  # looked at, also where nobody waits for it any more
        gone = asyncio.ensure_future(_leaving(request))
        try:
            either: set[asyncio.Future[Any]] = {all_done, gone}
            await asyncio.wait(either, timeout=self.settings.time_limit, return_when=asyncio.FIRST_COMPLETED)
            if all_done.done():
                return [
                    self.noted(request, ticket, one) for ticket, one in zip(tickets, all_done.result(), strict=True)
                ]
            if gone.done():
                raise ApiError(499, "the client left.", "client_left")
            raise ApiError(504, f"no answer within {self.settings.time_limit:g} s.", "timeout")
        finally:
            gone.cancel()
            all_done.cancel()
            for ticket in tickets:
                ticket.leave()

    def noted(self, request: Request, ticket: Ticket, result: Any) -> Any:
        """Count an answer, and write it into the request's line of the log."""
        if isinstance(result, Told):
            answer, notes = result.answer, request.scope[NOTES]
            self.metrics.answer(answer)
            notes.setdefault("model", answer.method)
            notes["read"] = notes.get("read", 0) + answer.prompt_tokens
            notes["wrote"] = notes.get("wrote", 0) + answer.completion_tokens
            notes["together"], notes["waited"] = answer.batch_rows, f"{ticket.waited:.3f}s"
        return result

    async def stream(
        self, request: Request, ask: Ask, head: dict[str, Any], piece: Piece,
        logprobs: Callable[[Told], Any], with_usage: bool,
    ) -> StreamingResponse:  # fmt: skip
        """The answer as it comes; log probabilities, where they were asked for, with its last piece."""
        listener = Listener()
        ticket = Ticket(ask, listener.tell)
        self.desk.take([ticket])
        done: asyncio.Future[Told] = asyncio.wrap_future(ticket.done)
        gone = asyncio.ensure_future(_leaving(request))

        def usage(told: Told) -> dict[str, Any]:
            return replies.usage([told.answer])

        made = events(
            ticket, listener, done, ask.sampling.stop, head, piece, logprobs, usage if with_usage else None,
            self.settings.time_limit,
        )  # fmt: skip
        done.add_done_callback(lambda one: _failed(one) or self.noted(request, ticket, one.result()))
        first = asyncio.ensure_future(anext(made))
        await asyncio.wait({first, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not first.done():
            first.cancel()
            ticket.leave()
            raise ApiError(499, "the client left.", "client_left")
        if done.done() and (error := _failed(done)):
            raise error  # before anything was sent it can still be told by the status
        return StreamingResponse(_from(first.result(), made), media_type="text/event-stream")


def _failed(done: "asyncio.Future[Any]") -> BaseException | None:
    return asyncio.CancelledError() if done.cancelled() else done.exception()


async def _from(first: str, rest: AsyncGenerator[str, None]) -> AsyncIterator[str]:
    async with aclosing(rest):  # also where the client leaves
        yield first
        async for one in rest:
            yield one


async def _leaving(request: Request) -> None:
    """Ends when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
