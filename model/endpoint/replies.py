"""A server's reply to /chat/completions, read strictly: what is not in its form is no answer."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.jsonl import field

_ENDINGS = {"stop": "stop", "eos": "stop", "end_turn": "stop", "length": "length", "max_tokens": "length"}
Form = TypeVar("Form", bound=BaseModel)


class Malformed(ValueError):
    """A reply is not in the form that the protocol says; the message names what is not."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Alternative(_Part):
    """A token that could have stood in one place."""

    token: str
    logprob: float


class Position(Alternative):
    """The token that stands there, and the likeliest ones."""

    top_logprobs: list[Alternative] = []


class _Logprobs(_Part):
    content: list[Position] | None = None


class _Cached(_Part):
    cached_tokens: int | None = None


class Usage(_Part):
    """What the server counted."""

    prompt_tokens: int = Field(ge=1)
    completion_tokens: int = Field(ge=0)
    prompt_tokens_details: _Cached | None = None

    @property
    def cached_tokens(self) -> int:
        """Prompt tokens that the server had read before; 0 where it does not say."""
        told = self.prompt_tokens_details.cached_tokens if self.prompt_tokens_details else None
        return min(told or 0, self.prompt_tokens)

    def plus(self, other: "Usage") -> "Usage":
        """Of two requests together."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            prompt_tokens_details=_Cached(cached_tokens=self.cached_tokens + other.cached_tokens),
        )


class _Message(_Part):
    content: str | None = None


class _Choice(_Part):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class Completion(_Part):
    """One reply with one answer in it."""

    model: str = ""
    system_fingerprint: str | None = None
    choices: list[_Choice] = Field(min_length=1)
    usage_: Usage | None = Field(None, alias="usage")

    @property
    def usage(self) -> Usage:
        """What the server counted.

        Raises:
            Malformed: it does not say.
        """
        if self.usage_ is None:
            raise Malformed("the server does not say how many tokens it read and wrote (usage)")
        return self.usage_

    @property
    def text(self) -> str:
        return self.choices[0].message.content or ""

    @property
    def ending(self) -> str:
        """Why the answer ends there: "stop", "length", or in the server's own word, such as "content_filter"."""
        return ending(self.choices[0].finish_reason)

    @property
    def first(self) -> Position | None:
        """The first token of the answer with the likeliest others; None where the server shows none."""
        shown = self.choices[0].logprobs
        return shown.content[0] if shown and shown.content else None

    def saying(self, text: str) -> "Completion":
        """The same with another text, which ends by itself."""
        choice = self.choices[0].model_copy(update={"message": _Message(content=text), "finish_reason": "stop"})
        return self.model_copy(update={"choices": [choice]})

    def using(self, more: Usage) -> "Completion":
        """The same with what another request used added."""
        return self.model_copy(update={"usage_": self.usage.plus(more)})


class _Delta(_Part):
    content: str | None = None


class _Piece(_Part):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class Chunk(_Part):
    """A piece of an answer that comes as it is written."""

    choices: list[_Piece] = []
    usage: Usage | None = None

    @property
    def text(self) -> str:
        return "".join(piece.delta.content or "" for piece in self.choices)

    @property
    def reason(self) -> str | None:
        return next((piece.finish_reason for piece in self.choices if piece.finish_reason), None)


def ending(reason: str | None) -> str:
    """The word of this program for what a server calls the end of an answer."""
    return _ENDINGS.get(reason or "stop", reason or "stop")


def read_completion(content: Any, counted: bool = True) -> Completion:
    """The reply as the client read it.

    An answer may be empty only where the server says that it ended there.

    Args:
        counted: it has to say how many tokens it took.

    Raises:
        Malformed: it is something else.
    """
    reply = _read(Completion, content)
    if not reply.text and not reply.choices[0].finish_reason:
        raise Malformed("the answer is empty and does not say why it ends")
    if counted:
        _ = reply.usage
    return reply


def read_chunk(content: Any) -> Chunk:
    """A piece of a stream as the client read it.

    Raises:
        Malformed: it is something else.
    """
    return _read(Chunk, content)


def _read(kind: type[Form], content: Any) -> Form:
    content = content.to_dict() if hasattr(content, "to_dict") else content
    if not isinstance(content, Mapping):
        raise Malformed("it is no JSON object")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise Malformed(f"{field(error) or 'it'}: {first['msg'].lower()}") from error
