"""One generated answer, and the two small hooks into transformers' generation that it needs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria
from transformers.generation import BaseStreamer


@dataclass(frozen=True)
class Generation:
    """One answer of the model with what it took. Seconds are the batch's, divided evenly among its rows."""

    text: str
    finish_reason: str  # "stop": the model ended or a stop sequence came; "length": the answer limit
    prompt_tokens: int
    cached_tokens: int  # of these, read before as the shared prefix
    completion_tokens: int
    seconds: float
    batch: int


class StopAt(StoppingCriteria):  # type: ignore[misc] # transformers is untyped here
    """A row ends when a stop sequence stands in what was generated.

    transformers' own `stop_strings` look at the whole row again for every new token: with a 3,200-token prompt that
    took longer than the model itself.
    """

    def __init__(self, stop: Sequence[str], prompt_width: int, tokenizer: Any) -> None:
        self.stop, self.prompt_width, self.tokenizer = stop, prompt_width, tokenizer

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: Any) -> Tensor:
        texts = self.tokenizer.batch_decode(input_ids[:, self.prompt_width :], skip_special_tokens=True)
        ended = [any(stop in text for stop in self.stop) for text in texts]
        return torch.tensor(ended, device=input_ids.device)


class FirstToken(BaseStreamer):  # type: ignore[misc] # transformers is untyped here
    """Notes when the first new token came; the first call only hands over the prompt."""

    def __init__(self) -> None:
        self.started, self.calls, self.seconds = time.perf_counter(), 0, 0.0

    def put(self, value: Tensor) -> None:
        self.calls += 1
        if self.calls == 2:
            self.seconds = time.perf_counter() - self.started

    def end(self) -> None: ...
