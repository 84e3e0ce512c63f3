"""The one base model: loaded once, asked in batches, its weights fingerprinted."""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from data.errors import TriviumError
from data.prompt import ABSTENTION, Message
from model.attention import ATTENTION
from model.cache import bytes_per_token
from model.decoding import OnToken, Rows
from model.free_memory import free_bytes, is_out_of_memory
from model.generation import Generation
from model.prefix import SharedPrefix, can_share, common_prefix
from model.reader import Reader
from model.sampling import Sampling
from model.weights import DEFAULT_MODEL, resolve_model

BATCH_SIZE = 64  # prompts; docs/speed.md has the measurement
_PREFIXES_KEPT = 2  # shared prefixes of the last methods, the injected corpus being by far the largest
_MEMORY_SHARE = 0.5  # of the free memory for keys and values; the rest is for everything else
_MIN_SHARED = 8  # tokens; below this sharing costs more than it saves


def default_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


class BaseModel:
    """A causal language model with its tokenizer and chat template.

    Args:
        name: `smollm2-135m-reader` or `smollm2-135m-q4` (embedded), a hub id, a local folder, or a trained reader's.
        device: "cpu" or "cuda"; default: CUDA where there is one. CPU computes in float32, CUDA in bfloat16.

    Raises:
        TriviumError: no such model, wrong weights, or no chat template.
    """

    def __init__(self, name: str = DEFAULT_MODEL, device: str | None = None) -> None:
        self.name = name
        self.device = device or default_device()
        if self.device == "cuda" and not torch.cuda.is_available():
            raise TriviumError("--device cuda: torch sees no CUDA device here. Use --device cpu.")
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        source = resolve_model(name)
        self.plain_name, self.refuse_above = source.plain_name, source.refuse_above
        dtype = torch.float32 if self.device == "cpu" else torch.bfloat16
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(source.weights)
            self.network: Any = AutoModelForCausalLM.from_pretrained(
                source.weights, dtype=torch.float32 if source.reader else dtype, use_safetensors=True
            )
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise TriviumError(
                f"the model '{name}' cannot be loaded: {reason} Known without a hub: {DEFAULT_MODEL}."
            ) from error
        if not self.tokenizer.chat_template:
            raise TriviumError(f"the model '{name}' has no chat template; choose an instruction-tuned one.")
        if source.reader:
            Reader(source.reader).add_to(self.network)  # in float32, before anything is rounded
        self.network.to(self.device, dtype).eval().requires_grad_(False)
        self.network.generation_config.update(temperature=None, top_p=None, top_k=None, do_sample=False)
        self.shares_prefixes = can_share(self.network.config)
        if self.shares_prefixes:
            self.network.set_attn_implementation(ATTENTION)
        self.adapter = ""  # hash of the active LoRA adapter; part of every prefix's key
        self.tell: Callable[[str], None] = lambda text: print(text, file=sys.stderr)  # what the user should know
        self.prefixes_kept = _PREFIXES_KEPT
        self._prefixes: dict[tuple[str, tuple[int, ...]], SharedPrefix] = {}
        self._most_rows = sys.maxsize  # prompts that memory has allowed at once

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together."""
        return int(self.network.config.max_position_embeddings)

    @property
    def parameters(self) -> int:
        return sum(tensor.numel() for _, tensor in self._base_tensors())

    def _base_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """The base weights under their own names, also when LoRA layers are wrapped around them."""
        for name, tensor in self.network.named_parameters():
            if "lora_" not in name:
                yield name.replace("base_model.model.", "").replace(".base_layer", ""), tensor

    def fingerprint(self) -> str:
        """SHA-256 over all base weights, bit by bit; LoRA weights are not part of it."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._base_tensors(), key=lambda pair: pair[0]):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()

    def render(self, messages: Sequence[Message]) -> str:
        """Messages as the text that the model reads. A model that can think aloud is asked not to."""
        text: str = self.tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return text

    def encode(self, text: str) -> list[int]:
        """Token ids of rendered text (the template has set its own special tokens)."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    @cached_property
    def abstention(self) -> int:
        """The token that a refusal begins with."""
        return self.encode(ABSTENTION)[0]

    def settled(self, sampling: Sampling) -> Sampling:
        """With the reader's own threshold of refusing, where none is asked for."""
        if sampling.refuse_above is None and self.refuse_above is not None:
            return sampling.model_copy(update={"refuse_above": self.refuse_above})
        return sampling

    def count_tokens(self, text: str) -> int:
        return len(self.encode(text))

    @contextmanager
    def adapted(self, adapter: str) -> Iterator[None]:
        """Answer with the LoRA adapter that is switched on by the caller; keeps prefix caches apart."""
        previous, self.adapter = self.adapter, adapter
        try:
            yield
        finally:
            self.adapter = previous

    def forget_prefixes(self) -> None:
        """Drop every cached prefix: the next prompt is read from its first token, as in a new process."""
        self._prefixes.clear()

    @torch.inference_mode()
    def read_prefix(self, token_ids: Sequence[int]) -> SharedPrefix:
        """Keys and values of `token_ids`, from the cache, as the beginning of a longer prefix, or by one forward pass.

        A batch can share one token less than the prefix, where a question's first letter joins the token before it.
        """
        key = (self.adapter, tuple(token_ids))
        for (adapter, longer), known in self._prefixes.items():
            if adapter == self.adapter and longer[: len(key[1])] == key[1]:
                return known.first(len(key[1]))
        while len(self._prefixes) >= self.prefixes_kept:
            self._prefixes.pop(next(iter(self._prefixes)))
        prefix = self._prefixes[key] = SharedPrefix.read(self.network, token_ids)
        return prefix

    def plan_batches(self, lengths: Sequence[int], batch_size: int = BATCH_SIZE) -> list[list[int]]:
        """Which prompts are read together: sorted by length, so that little is padded. Depends on the list alone."""
        order = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
        return [order[at : at + batch_size] for at in range(0, len(order), batch_size)]

    def generate(
        self,
        prompts: Sequence[str],
        sampling: Sampling,
        prefix: Sequence[int] = (),
        batch_size: int = BATCH_SIZE,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[list[tuple[int, Generation]]]:
        """Answer rendered prompts, yielding each batch when it is finished as (index of the prompt, answer) pairs.

        What the prompts share with `prefix` is read once and kept for later calls. `done` names batches that are not
        generated again; the others hold the same prompts as in a full run.

        Raises:
            TriviumError: a prompt leaves no room for the answer in the model's window.
        """
        tokens = [self.encode(prompt) for prompt in prompts]
        if not tokens:
            return
        self._check_window(tokens, sampling)
        shared = self._shared_length(tokens, prefix)
        for number, batch in enumerate(self.plan_batches([len(ids) for ids in tokens], batch_size)):
            if number not in done:
                rows = [tokens[i] for i in batch]
                yield list(zip(batch, self._answer(rows, shared, sampling, batch, number), strict=True))

    def generate_one(
        self, prompt: str, sampling: Sampling, prefix: Sequence[int] = (), on_token: Callable[[int], None] | None = None
    ) -> tuple[Generation, float]:
        """Answer one prompt; also returns the seconds until its first token.

        Args:
            on_token: called with each token id as it is written.
        """
        tokens = [self.encode(prompt)]
        self._check_window(tokens, sampling)
        started, came = time.perf_counter(), []
        shared = self._shared_length(tokens, prefix)

        def told(row: int, token: int) -> None:
            came.append(time.perf_counter())
            if on_token:
                on_token(token)

        answers = self._answer_part(tokens, shared, sampling, [0], 0, told)
        return answers[0], came[0] - started

    @torch.inference_mode()
    def first_token_chances(self, prompts: Sequence[str], token: int, prefix: Sequence[int] = ()) -> list[float]:
        """The probability that the answer to each prompt begins with this token."""
        tokens = [self.encode(prompt) for prompt in prompts]
        shared = self._shared_length(tokens, prefix) if tokens else 0
        chances = [0.0] * len(tokens)
        for batch in self.plan_batches([len(ids) for ids in tokens], batch_size=16):
            known = self.read_prefix(tokens[batch[0]][:shared]) if shared else None
            logits = Rows(self.network, [tokens[i] for i in batch], known, self.shares_prefixes, self._pad).read(1)
            for place, chance in zip(batch, logits.float().softmax(dim=-1)[:, token].tolist(), strict=True):
                chances[place] = chance
        return chances

    @torch.inference_mode()
    def answer_logits(self, prompt: str, written: Sequence[int]) -> Tensor:
        """Logits (answer tokens + 1, vocabulary) before each token of an answer and after its last, in one pass."""
        ids = torch.tensor([[*self.encode(prompt), *written]], device=self.device)
        logits: Tensor = self.network(input_ids=ids, use_cache=False, logits_to_keep=len(written) + 1).logits[0]
        return logits.float().cpu()

    def prefix_of(self, prompts: Sequence[str]) -> list[int]:
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
        if (longest := max(map(len, tokens))) + sampling.max_new_tokens > self.window:
            raise TriviumError(
                f"a prompt of {longest} tokens and an answer of {sampling.max_new_tokens} exceed the window of "
                f"{self.name} ({self.window} tokens)."
            )

    def _answer(
        self, rows: list[list[int]], shared: int, sampling: Sampling, seeds: Sequence[int], number: int
    ) -> list[Generation]:
        """Answer one batch, in as many parts as memory asks for."""
        width = max(map(len, rows)) - shared + sampling.max_new_tokens
        needed = width * bytes_per_token(self.network.config, self.network.dtype)
        at_once = max(1, min(len(rows), self._most_rows, int(_MEMORY_SHARE * free_bytes(self.device)) // needed))
        answers: list[Generation] = []
        while len(answers) < len(rows):
            part = slice(len(answers), len(answers) + at_once)
            try:
                answers += self._answer_part(rows[part], shared, sampling, seeds[part], number)
                continue
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if at_once == 1:
                    raise TriviumError("not enough memory for a single prompt; use a smaller model.") from error
            tried, at_once = at_once, at_once // 2
            self._most_rows = at_once
            if self.device == "cuda":
                torch.cuda.empty_cache()
            self.tell(f"memory ran out with {tried} prompts at once; going on with {at_once}")
        return answers

    @torch.inference_mode()
    def _answer_part(
        self,
        rows: list[list[int]],
        shared: int,
        sampling: Sampling,
        seeds: Sequence[int],
        number: int,
        on_token: OnToken | None = None,
    ) -> list[Generation]:
        started, sampling = time.perf_counter(), self.settled(sampling)
        prefix = self.read_prefix(rows[0][:shared]) if shared else None
        reading = Rows(self.network, rows, prefix, self.shares_prefixes, self._pad)
        ended = partial(self._has_ended, stop=sampling.stop)
        written = reading.answer(sampling, seeds, ended, on_token, self.abstention)
        seconds = (time.perf_counter() - started) / len(rows)
        return [
            self._finished(ids, len(row), shared, sampling.stop, seconds, number)
            for ids, row in zip(written, rows, strict=True)
        ]

    @property
    def _pad(self) -> int:
        pad = self.tokenizer.pad_token_id
        return min(self._ends) if pad is None else int(pad)

    @cached_property
    def _ends(self) -> frozenset[int]:
        """Tokens that end an answer."""
        ends = self.network.generation_config.eos_token_id
        known = ends if isinstance(ends, list) else [ends]
        return frozenset(token for token in (*known, self.tokenizer.eos_token_id) if token is not None)

    def _has_ended(self, ids: list[int], stop: Sequence[str]) -> bool:
        if ids[-1] in self._ends:
            return True
        text = self.tokenizer.decode(ids, skip_special_tokens=True) if stop else ""
        return any(mark in text for mark in stop)

    def _finished(
        self, ids: list[int], prompt: int, shared: int, stop: Sequence[str], seconds: float, number: int
    ) -> Generation:
        reason = "stop" if self._has_ended(ids, stop) else "length"
        text = self.tokenizer.decode(ids, skip_special_tokens=True)
        for mark in stop:
            text = text.partition(mark)[0]
        return Generation(text.strip(), reason, prompt, shared, len(ids), seconds, number)
