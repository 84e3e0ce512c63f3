"""A model behind a server: many prompts asked at once, answers and counts as the server gives them."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from multiprocessing.pool import ThreadPool
from typing import Any

from data.errors import ServerFailure
from data.prompt import Message
from model.endpoint.abilities import abilities
from model.endpoint.chat import Chat
from model.endpoint.refusal import ServedRefusal
from model.endpoint.replies import Completion, Usage
from model.endpoint.servers import Served, Tokenizer
from model.language_model import BATCH_SIZE, Generation, Prompt
from model.sampling import Sampling

PREFIX = "openai:"
_ROWS = 16  # answers that are written down together; few, because those of a batch that was stopped are asked again
_LEAST_BYTES_A_TOKEN = 16  # a server that reads fewer tokens than so many bytes make has cut the prompt
_GO_ON: Message = {  # before a text without a question: a chat model would comment on it
    "role": "system",
    "content": "Go on with this text where it ends. Write what comes next, up to the end of the line, and no more.",
}
Asked = Completion | ServerFailure | None  # None: not asked, because another question had failed before


class EndpointModel:
    """A chat model that a server serves. It shows no weights, and its answers are billed by the token.

    Args:
        name: at the server.
        served: what the server says of it.
        first: its reply to the first question.
        window: tokens that prompt and answer may have together.
        concurrency: requests that are under way at the same time.
    """

    def __init__(self, name: str, chat: Chat, served: Served, first: Completion, window: int, concurrency: int) -> None:
        self.name, self.chat, self.served, self._window, self.concurrency = (
            PREFIX + name,
            chat,
            served,
            window,
            concurrency,
        )
        self.device, self.plain_name = "elsewhere", ""
        self.tokenizer = Tokenizer(chat.address, name, served.kind)
        self._refusal = ServedRefusal(chat, self.tokenizer)
        self.notes = [note for note in (*chat.dialect.notes, self.tokenizer.estimated) if note]
        self.tell: Callable[[str], None] = lambda text: print(text, file=sys.stderr)
        self._answers_as = first.model
        self._reported = {
            "day": datetime.now(UTC).date().isoformat(),
            "created": served.entry.get("created"),
            "server": f"{served.kind.name} {served.version}".strip(),
            "system_fingerprint": first.system_fingerprint,
        }

    @property
    def window(self) -> int:
        return self._window

    def identity(self) -> Mapping[str, Any]:
        """What the server reports of the model, the day on which it did, and whether it takes a temperature."""
        return {
            "name": self.name,
            "base_url": self.chat.address.url,
            "answers_as": self._answers_as,
            "served": self.served.identity,
            "temperature": self.chat.dialect.temperature,
            "reported": self._reported,
        }

    def go_on_as(self, identity: Mapping[str, Any]) -> None:
        """Keep what was reported when the run began, and tell what the server reports now instead."""
        before = identity.get("reported")
        if not isinstance(before, dict):
            return
        for key in ("server", "system_fingerprint", "created"):
            if self._reported[key] != before.get(key) and not (key == "created" and self.served.kind.name == "vLLM"):
                self.tell(f"{self.name}: {key} was {before.get(key)} when the run began, and is {self._reported[key]}")
        self._reported = dict(before)

    def abilities(self) -> Mapping[str, str]:
        """What its server can do, in words."""
        return abilities(self.chat, self.served)

    def check_threshold(self, above: float) -> None:
        """See `Refusing`."""
        self._refusal.check(above)

    def count_tokens(self, text: str) -> int:
        return self.tokenizer.count(text)

    def render(self, messages: Sequence[Message]) -> Prompt:
        """The messages; the server puts its template around them."""
        pieces = [text for message in messages for text in ("\n\n", message["content"].strip())]
        return Prompt(["", *pieces[1:], ""], messages)

    def generate(
        self,
        prompts: Sequence[Prompt],
        sampling: Sampling,
        prefix: Sequence[int] = (),
        batch_size: int = BATCH_SIZE,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[list[tuple[int, Generation]]]:
        """See `LanguageModel`. Where a question is not answered, the batches that are whole come before the error."""
        size = min(batch_size, _ROWS)
        starts = enumerate(range(0, len(prompts), size))
        batches = {n: range(at, min(at + size, len(prompts))) for n, at in starts if n not in done}
        failed: list[ServerFailure] = []

        def ask(place: int) -> Asked:
            if failed:
                return None
            try:
                return self._ask(prompts[place], sampling)
            except ServerFailure as error:
                failed.append(error)
                return error

        begun = time.perf_counter()
        with ThreadPool(max(1, min(self.concurrency, len(prompts)))) as pool:
            answers = pool.imap(ask, [place for places in batches.values() for place in places])
            for number, places in batches.items():
                said = [next(answers) for _ in places]
                whole = [answer for answer in said if isinstance(answer, Completion)]
                if len(whole) == len(said):
                    ended = time.perf_counter()
                    seconds, begun = (ended - begun) / len(said), ended
                    yield [
                        (place, self._generation(answer, sampling, seconds, number))
                        for place, answer in zip(places, whole, strict=True)
                    ]
        if failed:
            raise failed[0]

    def generate_one(
        self, prompt: Prompt, sampling: Sampling, prefix: Sequence[int] = (),
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Generation, float]:  # fmt: skip
        """Answer one prompt as a stream. A server that does not say what a stream used is asked once more without."""
        way = self.chat if sampling.refuse_above is None else self._refusal
        streamed = way.stream(_messages(prompt), sampling)
        usage = streamed.usage or self._ask(prompt, sampling).usage
        answer = self._made(streamed.text, streamed.ending, usage, sampling, streamed.seconds, 0)
        return answer, streamed.first_s

    def _ask(self, prompt: Prompt, sampling: Sampling) -> Completion:
        way = self.chat if sampling.refuse_above is None else self._refusal
        reply = way.ask(_messages(prompt), sampling)
        if len(prompt.encode()) > _LEAST_BYTES_A_TOKEN * reply.usage.prompt_tokens:
            raise ServerFailure(
                f"{self.chat.address.url}: the server read {reply.usage.prompt_tokens} tokens of a prompt of "
                f"{len(prompt):,} characters, so it cuts what does not fit. Give its real --window."
            )
        return reply

    def _generation(self, reply: Completion, sampling: Sampling, seconds: float, batch: int) -> Generation:
        fingerprint = reply.system_fingerprint
        if fingerprint and fingerprint != self._reported["system_fingerprint"]:
            self.tell(f"{self.name}: the server's fingerprint is {fingerprint} from here on")
            self._reported = self._reported | {"system_fingerprint": fingerprint}
        return self._made(reply.text, reply.ending, reply.usage, sampling, seconds, batch)

    def _made(
        self, text: str, ending: str, usage: Usage, sampling: Sampling, seconds: float, batch: int
    ) -> Generation:  # fmt: skip
        for mark in sampling.stop:
            text, found, _ = text.partition(mark)
            ending = "stop" if found else ending
        return Generation(
            text.strip(), ending, usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, seconds, batch
        )  # fmt: skip


def _messages(prompt: Prompt) -> Sequence[Message]:
    return prompt.messages if len(prompt.messages) > 1 else (_GO_ON, *prompt.messages)
