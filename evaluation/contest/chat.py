"""A system that speaks OpenAI's protocol: the question as the user's message, the instruction as the system's."""

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import unquote, urldefrag

from data.errors import ServerFailure, TriviumError
from data.prompt import Message
from evaluation.contest.address import key_variable
from evaluation.contest.reply import Reply, reply_of
from evaluation.contest.system import Failure, Limits, Request
from model.endpoint.address import Address
from model.endpoint.chat import Chat
from model.endpoint.replies import Completion
from model.endpoint.servers import look_at
from model.sampling import Sampling

_RETRIES = 2  # after the first attempt, as for every other system
_SAMPLING = Sampling(max_new_tokens=512, stop=())  # room for a service that answers in whole sentences


class ChatSystem:
    """Asks a server of this protocol through its official client.

    Args:
        address: the base URL, with or without /chat/completions; behind # the model's name where there are several.
    """

    def __init__(self, name: str, address: str, limits: Limits) -> None:
        url, self._named = urldefrag(address)
        base = url.rstrip("/").removesuffix("/chat/completions")
        self._address = Address(base, limits.seconds, _RETRIES, (key_variable(name),))

    @cached_property
    def _chat(self) -> Chat:
        """With the model that the address names, or the only one that is served."""
        if self._named:
            return Chat(self._address, unquote(self._named), counted=False)
        models = look_at(self._address, "").models
        if len(models) != 1:
            listed = f"it serves {', '.join(models[:5])}" if models else "it names no model"
            raise Failure(f"{listed}. Put the one to ask behind the address: {self._address.url}#NAME", gone=True)
        return Chat(self._address, models[0], counted=False)

    def ready(self) -> None:
        """Whether it is there and serves the model, as far as its list of models says."""
        try:
            models = look_at(self._address, "").models
            named = self._chat.model
        except ServerFailure as error:
            raise _reason(error) from error
        if models and named not in models:
            raise Failure(f"it serves no '{named}', but {', '.join(models[:5])}", gone=True)

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        return []

    def ask(self, request: Request) -> Reply:
        messages: list[Message] = [{"role": "system", "content": request.instruction}] if request.instruction else []
        try:
            said = self._answered([*messages, {"role": "user", "content": request.question}])
        except ServerFailure as error:
            raise _reason(error) from error
        used = said.usage_
        told = {} if used is None else {"prompt_tokens": used.prompt_tokens, "cached_tokens": used.cached_tokens,
                                        "completion_tokens": used.completion_tokens}  # fmt: skip
        return reply_of({"answer": said.text, "usage": told})

    def _answered(self, messages: Sequence[Message]) -> Completion:
        """The completion; where the server refuses a parameter, asked again without it, then and from then on."""
        from openai import BadRequestError, UnprocessableEntityError

        try:
            return self._chat.ask(messages, _SAMPLING)
        except ServerFailure as error:
            if not isinstance(error.__cause__, BadRequestError | UnprocessableEntityError):
                raise
            return self._chat.learn(messages, _SAMPLING)

    def close(self) -> None:
        self._address.client.close()


def _reason(error: TriviumError) -> Failure:
    """The sentence of the client without its place and its remedy, which are those of a run's own model."""
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    cause = error.__cause__
    text = str(error).partition(": ")[2] or str(error)
    lost = isinstance(cause, APIConnectionError) and not isinstance(cause, APITimeoutError)
    gone = lost or (isinstance(cause, APIStatusError) and cause.status_code in (401, 403, 404))
    return Failure(text.partition(". ")[0].rstrip("."), gone=gone)
