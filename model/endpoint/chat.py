"""Asks a served model: messages and settings in, one completion out, in the dialect that its server takes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data.prompt import Message
from model.endpoint.address import Address
from model.endpoint.failures import failure
from model.endpoint.replies import Chunk, Completion, Malformed, Usage, ending, read_chunk, read_completion
from model.sampling import Sampling

_PAUSE, _LONGEST_PAUSE = 0.5, 8.0  # seconds before a malformed reply is asked for again; doubled each time
_JOINED = "\n\n"  # between system and user text where both go into the user's message


@dataclass(frozen=True)
class Dialect:
    """What a server and its model take of the protocol; found out by the first question."""

    limit: str = "max_tokens"  # name of the answer limit
    temperature: bool = True
    stop: bool = True
    system: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)  # beside the protocol, for this kind of server

    def without(self, refusal: str) -> "Dialect | None":
        """The dialect without what a server refuses in these words; None where they name nothing of it."""
        said = refusal.casefold()
        if "max_completion_tokens" in said and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if "system" in said and "role" in said and self.system:
            return replace(self, system=False)
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        if "stop" in said and self.stop:
            return replace(self, stop=False)
        named = next((name for name in self.extra if name.removesuffix("_kwargs") in said), None)
        return replace(self, extra={k: v for k, v in self.extra.items() if k != named}) if named else None

    @property
    def notes(self) -> list[str]:
        """What a user should know of it."""
        found = []
        if not self.system:
            found.append("it takes no system message: the instruction stands in front of the question, in every method")
        if not self.temperature:
            found.append("it takes no temperature: its answers are drawn by chance and may differ from run to run")
        return found

    def body(self, model: str, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        """Parameters of one request."""
        if not self.system and len(messages) > 1 and messages[0]["role"] == "system":
            first = {"role": "user", "content": messages[0]["content"] + _JOINED + messages[1]["content"]}
            messages = [first, *messages[2:]]  # type: ignore[list-item]
        body: dict[str, Any] = {"model": model, "messages": list(messages), self.limit: sampling.max_new_tokens}
        if self.temperature:
            body["temperature"] = sampling.temperature
            drawn = {"top_p": sampling.top_p, "seed": sampling.seed} if sampling.temperature else {}
            body |= drawn
        if self.stop and sampling.stop:
            body["stop"] = list(sampling.stop)
        return body | ({"extra_body": dict(self.extra)} if self.extra else {})


class Chat:
    """One served model.

    Args:
        model: its name at the server; an adapter's while that answers.
        counted: whether a reply has to say how many tokens it took.
    """

    def __init__(self, address: Address, model: str, dialect: Dialect = Dialect(), counted: bool = True) -> None:
        self.address, self.model, self.dialect, self.counted = address, model, dialect, counted

    def learn(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """Ask once, leaving out one after the other what this server and model do not take.

        Raises:
            ServerFailure: there is no answer.
        """
        from openai import BadRequestError, OpenAIError, UnprocessableEntityError

        while True:
            try:
                return self._asked(self.dialect.body(self.model, messages, sampling))
            except OpenAIError as error:
                refused = isinstance(error, BadRequestError | UnprocessableEntityError)
                left = self.dialect.without(str(error)) if refused else None
                if left is None:
                    raise failure(error, self.address, self.model) from error
                self.dialect = left

    def ask(self, messages: Sequence[Message], sampling: Sampling, **more: Any) -> Completion:
        """One answer. Safe to be called by several threads at once.

        Args:
            more: parameters of the protocol besides.

        Raises:
            ServerFailure: there is none after all attempts.
        """
        from openai import OpenAIError

        try:
            return self._asked(self.dialect.body(self.model, messages, sampling) | more)
        except OpenAIError as error:
            raise failure(error, self.address, self.model) from error

    def _asked(self, body: Mapping[str, Any]) -> Completion:
        """The client asks again where the server is busy, fails or is silent; this where it speaks in another form."""
        create = self.address.client.chat.completions.create
        found: Completion = self._again(lambda: read_completion(create(**body), self.counted))
        return found

    def _again(self, attempt: Callable[[], Any]) -> Any:
        pause = _PAUSE
        for left in range(self.address.retries, -1, -1):
            try:
                return attempt()
            except ValueError as error:  # not JSON, or Malformed
                if not left:
                    raise failure(error, self.address, self.model) from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def stream(self, messages: Sequence[Message], sampling: Sampling, **more: Any) -> "Streamed":
        """One answer as it is written, for the time to its first token.

        Args:
            more: parameters of the protocol besides.

        Raises:
            ServerFailure: there is none after all attempts.
        """
        from openai import OpenAIError

        body = self.dialect.body(self.model, messages, sampling)
        body |= {"stream": True, "stream_options": {"include_usage": True}} | more
        try:
            streamed: Streamed = self._again(lambda: self._streamed(body))
        except OpenAIError as error:
            raise failure(error, self.address, self.model) from error
        return streamed

    def _streamed(self, body: Mapping[str, Any]) -> "Streamed":
        from openai import APIConnectionError

        started = time.perf_counter()
        came: list[float] = []
        parts: list[Chunk] = []
        pieces = self.address.client.chat.completions.create(**body)
        try:
            for chunk in map(read_chunk, pieces):
                came += [time.perf_counter()] if chunk.text else []
                parts.append(chunk)
        except APIConnectionError as error:
            raise Malformed("the stream breaks off") from error
        ended, text = time.perf_counter(), "".join(chunk.text for chunk in parts)
        reason = next((chunk.reason for chunk in parts if chunk.reason), None)
        if not text and not reason:
            raise Malformed("the stream ends before the answer")
        usage = next((chunk.usage for chunk in parts if chunk.usage), None)
        return Streamed(text, ending(reason), usage, (came or [ended])[0] - started, ended - started)


@dataclass(frozen=True)
class Streamed:
    """An answer that came piece by piece. Not every server says at the end of a stream what it used."""

    text: str
    ending: str
    usage: Usage | None
    first_s: float
    seconds: float
