"""A model whose weights lie on this machine: loaded once, asked in batches, its weights fingerprinted."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

import torch
from torch import Tensor

from data.errors import TriviumError
from data.progress import Progress, silent
from model.batch import Batch
from model.chat_template import ChatTemplate
from model.decoding.cache import bytes_per_token
from model.decoding.pieces import mask_bytes, pass_bytes
from model.decoding.prefix import SharedPrefix, common_prefix
from model.decoding.refusal import Refusal
from model.decoding.rows import Rows
from model.device import checked_device
from model.endings import Endings
from model.fingerprint import base_tensors, fingerprint
from model.language_model import BATCH_SIZE, Generation, Prompt
from model.loading import check_vocabulary, load_network, load_tokenizer, ways_to_read
from model.operations import Shapes, shapes_of
from model.prefix_memory import PrefixMemory
from model.quantised import elements
from model.room import Room, plan_batches
from model.sampling import Sampling
from model.speed import speedometer
from model.telling import OnToken, ToldOnce
from model.text_encoding import TextEncoder
from model.text_side import TextSide
from model.weights import DEFAULT_MODEL, resolve_model

_MIN_SHARED = 8  # tokens; below this sharing costs more than it saves


class LocalModel(TextSide):
    """A causal language model with its tokenizer and chat template.

    Args:
        name: `smollm2-135m-reader` or `smollm2-135m-q4` (embedded), or what else `resolve_model` knows.
        device: "cpu", "cuda" or "mps"; default: CUDA where there is one.
        progress: of reading a GGUF file for the first time.
        load_in: "4bit" or "8bit": weights are rounded when they are read (model/quantised.py).

    Raises:
        TriviumError: no such model, wrong or damaged weights, or a chat template that cannot be used.
    """

    def __init__(
        self, name: str = DEFAULT_MODEL, device: str | None = None, progress: Progress = silent,
        load_in: str | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.device = checked_device(device)
        source = resolve_model(name, progress)
        self.plain_name, self.refuse_above = source.plain_name, source.refuse_above
        self.tokenizer: Any = load_tokenizer(source, name)
        self.template = ChatTemplate(self.tokenizer, name)
        self._encoder = TextEncoder(self.tokenizer, self.template.frame(("system", "user")))
        self.network: Any = load_network(source, name, self.device, load_in)
        check_vocabulary(name, self.tokenizer, self.network)
        self._endings = Endings(self.tokenizer, self.network)
        self.network.generation_config.update(temperature=None, top_p=None, top_k=None, do_sample=False)
        self._ways = ways_to_read(name, self.network, self._endings.pad)
        self.shares_prefixes = self._ways.shares
        self.notes: list[str] = [note for note in (source.note, self.template.note, self._ways.note) if note]
        self.adapter = ""  # hash of what was trained and is active; part of every prefix's key
        self.virtual: SharedPrefix | None = None  # trained keys and values that stand before every prompt
        self.tell: Callable[[str], None] = lambda text: print(text, file=sys.stderr)  # what the user should know
        self.prefixes, self._room = PrefixMemory(self.network), Room(self.device)

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together."""
        return int(self.network.config.max_position_embeddings)

    @property
    def parameters(self) -> int:
        return sum(elements(tensor) for _, tensor in base_tensors(self.network))

    def shapes(self) -> Shapes:
        return shapes_of(self.network)

    def fingerprint(self) -> str:
        return fingerprint(self.network)

    def identity(self) -> Mapping[str, Any]:
        """Digests of weights, tokenizer and template, and all else that decides what this model answers."""
        return {
            "name": self.name,
            "weights": self.fingerprint(),
            "tokenizer": self._encoder.sha256,
            "template": self.template.sha256,
            "template_date": self.template.day.isoformat() if self.template.prints_date else None,
            "reader_of": self.plain_name or None,
            "device": self.device,
        }

    def go_on_as(self, identity: Mapping[str, Any]) -> None:
        """Let the template print the date of the run that goes on."""
        if day := identity.get("template_date"):
            self.template.use_day(date.fromisoformat(day))

    def with_reader_threshold(self, sampling: Sampling) -> Sampling:
        """With the reader's own threshold of refusing, where none is asked for."""
        if sampling.refuse_above is None and self.refuse_above is not None:
            return sampling.model_copy(update={"refuse_above": self.refuse_above})
        return sampling

    def tokens_in_memory(self, answer: int) -> int:
        """Tokens that a prompt may have now, beside an answer; see `MemoryBound`."""
        config = self.network.config
        each = bytes_per_token(config, self.network.dtype) + mask_bytes(self.device)
        return min(self.window, self._room.tokens(each, pass_bytes(config, self.network.dtype)) - answer)

    @contextmanager
    def adapted(self, adapter: str, virtual: SharedPrefix | None = None) -> Iterator[None]:
        """See `Trainable`."""
        previous, (self.adapter, self.virtual) = (self.adapter, self.virtual), (adapter, virtual)
        try:
            yield
        finally:
            self.adapter, self.virtual = previous

    def forget_prefixes(self) -> None:
        self.prefixes.forget()

    @torch.inference_mode()
    def read_prefix(self, token_ids: Sequence[int]) -> SharedPrefix:
        """Keys and values of `token_ids`, read with the adapter that is switched on, or kept from before."""
        return self.prefixes.read(token_ids, self.adapter, self.virtual)

    def _known(self, token_ids: Sequence[int]) -> SharedPrefix | None:
        """What stands before the rest of prompts that begin so."""
        return self.read_prefix(token_ids) if token_ids else self.virtual

    def generate(
        self,
        prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int] = (), batch_size: int = BATCH_SIZE,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[list[tuple[int, Generation]]]:  # fmt: skip
        """See `LanguageModel`. What the prompts share with `prefix` is read once and kept for later calls."""
        for batch in self.planned(prompts, sampling, prefix, batch_size, done):
            yield self.answer_batch(batch, sampling)

    def planned(
        self, prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int], batch_size: int,
        done: frozenset[int],
    ) -> Iterator[Batch]:  # fmt: skip
        """See `Planning`."""
        tokens = [self.encode(prompt) for prompt in prompts]
        if not tokens:
            return
        self._check_window(tokens, sampling)
        shared = self._shared_length(tokens, prefix)
        for number, places in enumerate(plan_batches([len(ids) for ids in tokens], batch_size)):
            if number not in done:
                yield Batch(number, places, [tokens[i] for i in places], shared)

    def answer_batch(self, batch: Batch, sampling: Sampling) -> list[tuple[int, Generation]]:
        """See `Planning`."""
        answers = self._answer(batch.rows, batch.shared, sampling, batch.places, batch.number)
        return list(zip(batch.places, answers, strict=True))

    def generate_one(
        self,
        prompt: Prompt, sampling: Sampling, prefix: Sequence[int] = (),
        on_token: Callable[[int], None] | None = None,
    ) -> tuple[Generation, float]:  # fmt: skip
        """See `LanguageModel`."""
        tokens = [self.encode(prompt)]
        self._check_window(tokens, sampling)
        meter, came = speedometer(self.device), []
        started = meter.now().clock
        shared = self._shared_length(tokens, prefix)

        def report(row: int, token: int) -> None:
            came.append(meter.now().clock)
            if on_token:
                on_token(token)

        answers = self._answer_part(tokens, shared, sampling, [0], 0, report)
        return answers[0], came[0] - started

    def generate_telling(
        self, prompts: Sequence[Prompt], sampling: Sampling, prefix: Sequence[int], on_token: OnToken
    ) -> list[Generation]:
        """See `Telling`."""
        tokens = [self.encode(prompt) for prompt in prompts]
        self._check_window(tokens, sampling)
        shared = self._shared_length(tokens, prefix)
        return self._answer(tokens, shared, sampling, [0] * len(tokens), 0, on_token)

    def chances(self, prompts: Sequence[Prompt], answer: Sequence[int], prefix: Sequence[int] = ()) -> list[float]:
        """The probability that the answer to each prompt begins with these tokens."""
        tokens = [self.encode(prompt) for prompt in prompts]
        shared = self._shared_length(tokens, prefix) if tokens else 0
        return self._chances(tokens, answer, shared)

    @torch.inference_mode()
    def _chances(self, tokens: Sequence[list[int]], answer: Sequence[int], shared: int) -> list[float]:
        if len(answer) > 1:
            begun = [[*ids, answer[0]] for ids in tokens]
            first, rest = self._chances(tokens, answer[:1], shared), self._chances(begun, answer[1:], shared)
            return [a * b for a, b in zip(first, rest, strict=True)]
        chances = [0.0] * len(tokens)
        for batch in plan_batches([len(ids) for ids in tokens], batch_size=16 if self._ways.pads else 1):
            rows, known = [tokens[i] for i in batch], self._known(tokens[batch[0]][:shared])
            logits = Rows(self.network, rows, known, self.shares_prefixes, self._endings.pad).read(1)
            for place, chance in zip(batch, logits.float().softmax(dim=-1)[:, answer[0]].tolist(), strict=True):
                chances[place] = chance
        return chances

    @torch.inference_mode()
    def answer_logits(self, prompt: Prompt, written: Sequence[int], prefix: Sequence[int] = ()) -> Tensor:
        """Logits (answer tokens + 1, vocabulary) before each token of an answer and after its last, in one pass.

        Args:
            prefix: what the prompt may share with others, which is read once and kept.
        """
        tokens = self.encode(prompt)
        shared = self._shared_length([tokens], prefix)
        ids = torch.tensor([[*tokens[shared:], *written]], device=self.device)
        known_prefix = self._known(tokens[:shared])
        before = known_prefix.as_cache(self.network) if known_prefix else None
        known = {"past_key_values": before, "use_cache": before is not None}
        logits: Tensor = self.network(input_ids=ids, **known, logits_to_keep=len(written) + 1).logits[0]
        return logits.float().cpu()

    def prefix_of(self, prompts: Sequence[Prompt]) -> list[int]:
        """The tokens that all these prompts begin with."""
        tokens = [self.encode(prompt) for prompt in prompts]
        return tokens[0][: common_prefix(tokens)]

    def read_shared(self, prefix: Sequence[int]) -> None:
        """Read a prefix ahead of the first prompt, so that no answer's time holds it."""
        if self._shared_length([[*prefix, -1]], prefix):
            self.read_prefix(prefix)

    def _shared_length(self, tokens: Sequence[Sequence[int]], prefix: Sequence[int]) -> int:
        if not self.shares_prefixes or len(prefix) < _MIN_SHARED:
            return 0
        shared = min(common_prefix([ids, [*prefix, -1]]) for ids in tokens)
        return shared if shared >= _MIN_SHARED else 0

    def _check_window(self, tokens: Sequence[Sequence[int]], sampling: Sampling) -> None:
        longest = max(map(len, tokens)) + (self.virtual.length if self.virtual else 0)
        if longest + sampling.max_new_tokens > self.window:
            raise TriviumError(
                f"a prompt of {longest} tokens and an answer of {sampling.max_new_tokens} exceed the window of "
                f"{self.name} ({self.window} tokens)."
            )

    def _answer(
        self, rows: list[list[int]], shared: int, sampling: Sampling, seeds: Sequence[int], number: int,
        on_token: OnToken | None = None,
    ) -> list[Generation]:  # fmt: skip
        """Answer one batch, in as many parts as memory asks for."""
        told = on_token and ToldOnce(on_token)
        width = max(map(len, rows)) - shared + sampling.max_new_tokens
        needed = width * bytes_per_token(self.network.config, self.network.dtype)

        def part(rows_of: slice) -> list[Generation]:
            tell = told.part(rows_of.start) if told else None
            return self._answer_part(rows[rows_of], shared, sampling, seeds[rows_of], number, tell)

        return self._room.in_parts(len(rows), needed, part, self.tell, together=self._ways.pads)

    @torch.inference_mode()
    def _answer_part(
        self, rows: list[list[int]], shared: int, sampling: Sampling, seeds: Sequence[int], number: int,
        on_token: OnToken | None = None,
    ) -> list[Generation]:  # fmt: skip
        meter, sampling = speedometer(self.device), self.with_reader_threshold(sampling)
        started = meter.now().clock
        prefix = self._known(rows[0][:shared])
        reading = Rows(self.network, rows, prefix, self.shares_prefixes, self._endings.pad)
        refusal = self._refusal(rows, shared, sampling.refuse_above)
        ended = partial(self._endings.has_ended, stop=sampling.stop)
        written = reading.answer(sampling, seeds, ended, on_token, refusal)
        seconds = (meter.now().clock - started) / len(rows)
        answers, before = [], prefix.virtual if prefix else 0
        for ids, row in zip(written, rows, strict=True):
            reason, text = "stop" if ended(ids) else "length", self._endings.text(ids, sampling.stop)
            answers.append(Generation(text, reason, before + len(row), before + shared, len(ids), seconds, number))
        return answers

    def _refusal(self, rows: list[list[int]], shared: int, above: float | None) -> Refusal | None:
        """The decision whether to answer these prompts, above a threshold."""
        if above is None:
            return None
        word = self.abstention()
        return Refusal(word, above, None if len(word) == 1 else self._chances(rows, word, shared))
