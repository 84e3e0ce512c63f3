"""Answers as they come, as server-sent events in OpenAI's form."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any

from evaluation.serve.answering import Told
from evaluation.serve.desk import Ticket
from evaluation.serve.errors import as_api_error

Piece = Callable[[str, str | None], dict[str, Any]]  # (text, finish reason) -> one choice of a chunk
END = "data: [DONE]\n\n"


class Growing:
    """The text of an answer that grows, of which only what will not change any more is given out.

    Args:
        stop: marks before which an answer ends; a text that may be the beginning of one is held back.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        self.stop, self.given = stop, ""

    def news(self, text: str) -> str:
        """What can be given out of the answer so far."""
        held = max((n for mark in self.stop for n in range(len(mark)) if n and text.endswith(mark[:n])), default=0)
        sure = text[: len(text) - held].rstrip().removesuffix("\ufffd")  # half of a character, until its rest comes
        return self._give(sure)

    def rest(self, text: str) -> str:
        """What is left of the whole answer."""
        return self._give(text)

    def _give(self, text: str) -> str:
        if not text.startswith(self.given):
            return ""
        new, self.given = text[len(self.given) :], text
        return new


class Listener:
    """Takes texts from the thread that owns the model and hands them to the one that serves."""

    def __init__(self) -> None:
        self._loop, self._texts = asyncio.get_running_loop(), asyncio.Queue[str]()

    def tell(self, text: str) -> None:
        """Called by the other thread."""
        self._loop.call_soon_threadsafe(self._texts.put_nowait, text)

    async def texts(self, done: "asyncio.Future[Told]", time_limit: float) -> AsyncIterator[str]:
        """The answer so far, each time that it grew, until it is done.

        Raises:
            TimeoutError: it is not done within so many seconds.
        """
        end = self._loop.time() + time_limit
        while not done.done() or not self._texts.empty():
            news = asyncio.ensure_future(self._texts.get())
            either: set[asyncio.Future[Any]] = {news, done}
            await asyncio.wait(either, timeout=end - self._loop.time(), return_when=asyncio.FIRST_COMPLETED)
            if self._loop.time() >= end and not done.done():
                news.cancel()
                raise TimeoutError
            if news.done():
                yield news.result()
            else:
                news.cancel()


def event(content: Mapping[str, Any], kind: str = "", place: int | None = None) -> str:
    """One server-sent event; its kind and place where it has them."""
    head = (f"event: {kind}\n" if kind else "") + (f"id: {place}\n" if place is not None else "")
    return f"{head}data: {json.dumps(content, ensure_ascii=False)}\n\n"


async def events(
    ticket: Ticket, listener: Listener, done: "asyncio.Future[Told]", stop: tuple[str, ...], head: Mapping[str, Any],
    piece: Piece, logprobs: Callable[[Told], Any], usage: Callable[[Told], dict[str, Any]] | None, time_limit: float,
) -> AsyncGenerator[str, None]:  # fmt: skip
    """The events of one answer. A client that leaves ends this, and the ticket is left.

    Args:
        piece: makes a choice of a chunk.
        logprobs: of the whole answer, None where nobody asked; they are known at its end and come with its last piece.
        usage: of the last chunk, where the client asked for it.
    """
    growing = Growing(stop)

    def chunk(choices: list[dict[str, Any]], **more: Any) -> str:
        return event({**head, "choices": choices, **({"usage": None} if usage else {}), **more})

    try:
        async for text in listener.texts(done, time_limit):
            if new := growing.news(text):
                yield chunk([piece(new, None)])
        told = await done
        new, likely = growing.rest(told.answer.answer), logprobs(told)
        if new or likely:
            yield chunk([piece(new, None) | {"logprobs": likely}])
        yield chunk([piece("", told.answer.finish_reason)])
        if usage:
            yield chunk([], usage=usage(told))
        yield END
    except TimeoutError:
        yield event({"error": {"message": "the answer took too long.", "type": "server_error", "code": "timeout"}})
    except Exception as error:
        yield event(as_api_error(error).body())
    finally:
        ticket.leave()
