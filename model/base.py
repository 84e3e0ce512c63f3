"""The one base model: loaded once, asked in batches, its weights fingerprinted."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, StoppingCriteriaList
from transformers.generation import BaseStreamer
from transformers.utils import logging as transformers_logging

from data.errors import TriviumError
from data.prompt import Message
from model.generation import FirstToken, Generation, StopAt
from model.prefix import ATTENTION, SharedPrefix, can_share, common_prefix
from model.sampling import Sampling
from model.weights import DEFAULT_MODEL, resolve_model

BATCH_SIZE = 16  # prompts; more rows save little on two cores and cost memory
_PREFIXES_KEPT = 2  # shared prefixes of the last methods, the injected corpus being by far the largest
_MIN_SHARED = 8  # tokens; below this sharing costs more than it saves


def default_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


class BaseModel:
    """A causal language model with its tokenizer and chat template.

    Args:
        name: `smollm2-135m-q4` (embedded), a hub id, or a local folder.
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
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(source)
            self.network: Any = AutoModelForCausalLM.from_pretrained(
                source, dtype=torch.float32 if self.device == "cpu" else torch.bfloat16, use_safetensors=True
            )
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise TriviumError(
                f"the model '{name}' cannot be loaded: {reason} Known without a hub: {DEFAULT_MODEL}."
            ) from error
        if not self.tokenizer.chat_template:
            raise TriviumError(f"the model '{name}' has no chat template; choose an instruction-tuned one.")
        self.network.to(self.device).eval().requires_grad_(False)
        self.network.generation_config.update(temperature=None, top_p=None, top_k=None, do_sample=False)
        self.shares_prefixes = can_share(self.network.config)
        if self.shares_prefixes:
            self.network.set_attn_implementation(ATTENTION)
        self.adapter = ""  # hash of the active LoRA adapter; part of every prefix's key
        self._prefixes: dict[tuple[str, tuple[int, ...]], SharedPrefix] = {}

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
        while len(self._prefixes) >= _PREFIXES_KEPT:
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
                yield list(zip(batch, self._answer([tokens[i] for i in batch], shared, sampling, number), strict=True))

    def generate_one(self, prompt: str, sampling: Sampling, prefix: Sequence[int] = ()) -> tuple[Generation, float]:
        """Answer one prompt; also returns the seconds until its first token."""
        tokens = [self.encode(prompt)]
        self._check_window(tokens, sampling)
        clock = FirstToken()
        answers = self._answer(tokens, self._shared_length(tokens, prefix), sampling, 0, clock)
        return answers[0], clock.seconds

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

    @torch.inference_mode()
    def _answer(
        self, rows: list[list[int]], shared: int, sampling: Sampling, number: int, streamer: BaseStreamer | None = None
    ) -> list[Generation]:
        started = time.perf_counter()
        prefix = self.read_prefix(rows[0][:shared]) if shared else None
        width = max(map(len, rows))
        # Padding stands between the prefix and each row's own tokens, so that all rows end in the same place.
        pad = self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else self.tokenizer.eos_token_id
        ids = [row[:shared] + [pad] * (width - len(row)) + row[shared:] for row in rows]
        mask = [[1] * shared + [0] * (width - len(row)) + [1] * (len(row) - shared) for row in rows]
        arguments: dict[str, Any] = sampling.generation_settings() | {"pad_token_id": pad, "streamer": streamer}
        if sampling.stop:
            arguments["stopping_criteria"] = StoppingCriteriaList([StopAt(sampling.stop, width, self.tokenizer)])
        if sampling.temperature > 0:
            torch.manual_seed(sampling.seed * 100_003 + number)
        inputs = {
            "input_ids": torch.tensor(ids, device=self.device),
            "attention_mask": torch.tensor(mask, device=self.device),
        }
        if prefix:
            with prefix.attended():
                output = self.network.generate(**inputs, past_key_values=prefix.cache(), **arguments)
        else:
            output = self.network.generate(**inputs, **arguments)
        seconds = (time.perf_counter() - started) / len(rows)
        return [
            self._finished(answer, len(row), shared, sampling, seconds, number)
            for answer, row in zip(output[:, width:].tolist(), rows, strict=True)
        ]

    def _finished(
        self, ids: list[int], prompt: int, shared: int, sampling: Sampling, seconds: float, number: int
    ) -> Generation:
        ends = self.network.generation_config.eos_token_id
        ends = set(ends) if isinstance(ends, list) else {ends}
        length = next((at + 1 for at, token in enumerate(ids) if token in ends), len(ids))
        text = self.tokenizer.decode(ids[:length], skip_special_tokens=True)
        reason = "stop" if length and ids[length - 1] in ends else "length"
        for stop in sampling.stop:
            before, found, _ = text.partition(stop)
            if found:
                text, reason = before, "stop"
                length = self._tokens_until(ids[:length], stop)
        return Generation(text.strip(), reason, prompt, shared, length, seconds, number)

    def _tokens_until(self, ids: list[int], stop: str) -> int:
        """Number of tokens generated when `stop` was complete; what follows in the row is padding."""
        decode = self.tokenizer.decode
        return next(n for n in range(1, len(ids) + 1) if stop in decode(ids[:n], skip_special_tokens=True))
