"""The threshold of refusing behind a server: the chance of "unknown" is read off the likeliest first tokens.

As with weights on this machine (model/decoding/refusal.py), an answer begins with the word exactly where its chance is
above the threshold. A request cannot look before it writes, so the answer is asked for with the chances of its first
token: where that decides otherwise than the model did, the word replaces the answer, or the question is asked once more
with the word kept out (`logit_bias`).
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.errors import Incapable, ServerFailure
from data.prompt import ABSTENTION, Message
from model.endpoint.abilities import asked_for_chances
from model.endpoint.chat import Chat, Streamed
from model.endpoint.replies import Completion, Position
from model.endpoint.servers import Tokenizer
from model.sampling import Sampling

SHOWN = 20  # tokens with their chances, the most that OpenAI and vLLM show
LEAST = 1 / (SHOWN + 1)  # a token that is not among so many likelier ones has at most this chance
_ASKED: dict[str, Any] = {"logprobs": True, "top_logprobs": SHOWN}
_OUT = -100.0  # of the protocol: a token that is never chosen


@dataclass(frozen=True)
class ServedRefusal:
    """The decision whether to answer, for one served model."""

    chat: Chat
    tokenizer: Tokenizer

    def check(self, above: float) -> None:
        """Before anything is asked.

        Raises:
            Incapable: this server does not show what the decision needs.
        """
        told = f"--refuse-above: n/a behind {self.chat.address.url}:"
        if above < LEAST:
            raise Incapable(f"{told} a server shows {SHOWN} tokens at most; give a threshold from {LEAST:.2f} on.")
        if not self.tokenizer.kind.tokenize:
            raise Incapable(f"{told} this server does not tell the number of a token, so none can be kept out.")
        if len(self.tokenizer.tokens(ABSTENTION)) != 1:
            raise Incapable(f"{told} this model writes '{ABSTENTION}' as several tokens, and only the first is seen.")
        if not asked_for_chances(self.chat)[1]:
            raise Incapable(f"{told} this server gives no log probabilities.")

    def ask(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """One answer after the decision; what a second request used is added.

        Raises:
            ServerFailure: there is none, or it breaks the decision.
        """
        reply = self.chat.ask(messages, sampling, **_ASKED)
        if self._refuses(reply.first, sampling):
            return reply.saying(ABSTENTION)
        if not _is_word(self._position(reply.first).token):
            return reply
        again = self.chat.ask(messages, sampling, logprobs=True, **self._kept_out())
        if again.first and _is_word(again.first.token):
            raise ServerFailure(f"{self.chat.address.url}: the server does not keep out a token (logit_bias).")
        return again.using(reply.usage)

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Streamed:
        """The same as it is written: the decision first, by one token, then the answer."""
        started = time.perf_counter()
        reply = self.chat.ask(messages, sampling.model_copy(update={"max_new_tokens": 1}), **_ASKED)
        took = time.perf_counter() - started
        if self._refuses(reply.first, sampling):
            return Streamed(ABSTENTION, "stop", reply.usage, took, took)
        streamed = self.chat.stream(messages, sampling, **self._kept_out())
        usage = streamed.usage and streamed.usage.plus(reply.usage)
        return replace(streamed, usage=usage, first_s=took + streamed.first_s, seconds=took + streamed.seconds)

    def _refuses(self, first: Position | None, sampling: Sampling) -> bool:
        shown = self._position(first)
        chances = {one.token: one.logprob for one in (*shown.top_logprobs, shown)}
        chance = sum(math.exp(found) for token, found in chances.items() if _is_word(token))
        return chance > (sampling.refuse_above or 0.0)

    def _position(self, first: Position | None) -> Position:
        if first is None:
            raise ServerFailure(f"{self.chat.address.url}: the server leaves out the log probabilities of an answer.")
        return first

    def _kept_out(self) -> dict[str, Any]:
        return {"logit_bias": {str(token): _OUT for token in self.tokenizer.tokens(ABSTENTION)}}


def _is_word(token: str) -> bool:
    """A model may write the same word with a space before it."""
    return token.strip() == ABSTENTION
