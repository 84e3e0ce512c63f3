"""Generation for many prompts at once: prompts are read in groups, and rows that have finished leave.

transformers' `generate` carries every row along until the longest answer of the batch has ended: with answers of 4 to
32 tokens half of its work is for rows that are done.
"""

import inspect
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from model.decoding.cache import RowsCache
from model.decoding.next_token import Chooser
from model.decoding.pieces import pieces
from model.decoding.prefix import SharedPrefix, inner
from model.decoding.refusal import Refusal
from model.sampling import Sampling
from model.speed import speedometer
from model.telling import OnToken

GROUP_TOKENS = {
    "cpu": 1024,
    "cuda": 16384,
    "mps": 1024,
}  # read in one pass; more leave the processor's caches and bring nothing
_LEAVE = 8  # rows are taken out of the cache, which copies it, when one of so many has finished


@cache
def _arguments(forward: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(forward).parameters)


class Rows:
    """Prompts on their way to answers.

    Args:
        network: a causal language model of transformers, its attention `shared_prefix` where `prefix` is given.
        prompts: token ids; all begin with the prefix.
        can_leave: whether every layer keeps all keys and values; if not, transformers' own cache is used.
        pad: token id for columns that no row sees.
    """

    def __init__(
        self, network: Any, prompts: Sequence[list[int]], prefix: SharedPrefix | None, can_leave: bool, pad: int
    ) -> None:
        self.network, self.prefix, self.can_leave, self.pad = network, prefix, can_leave, pad
        shared, self.before = (len(prefix.token_ids), prefix.length) if prefix else (0, 0)  # tokens; places
        self.own = [prompt[shared:] for prompt in prompts]
        self.width = max(map(len, self.own))

    def _inputs(self, rows: Sequence[list[int]], width: int) -> dict[str, Tensor]:
        """Padding stands between the prefix and a row's own tokens."""
        blanks = [width - len(row) for row in rows]
        ids = torch.tensor([[self.pad] * blank + row for blank, row in zip(blanks, rows, strict=True)])
        column = torch.arange(-self.before, width) - torch.tensor(blanks).unsqueeze(1)  # of a row's own first token: 0
        mask = (column >= 0) | (torch.arange(-self.before, width) < 0)
        places = (column[:, self.before :] + self.before).clamp(min=self.before)
        tensors = {"input_ids": ids, "attention_mask": mask.long(), "position_ids": places}
        return {name: tensor.to(self.network.device) for name, tensor in tensors.items()}

    def read(self, room: int) -> Tensor:
        """Read all prompts; returns the logits after each, (rows, vocabulary)."""
        if not self.can_leave:
            self.cache: Any = DynamicCache(config=self.network.config)
            return self._logits(self._inputs(self.own, self.width))
        layers = self.network.config.num_hidden_layers
        self.cache = RowsCache(layers, self.before, len(self.own), self.width, room)
        parts, start = [], 0
        while start < len(self.own):
            stop = self._group_end(start)
            group = self.own[start:stop]
            width = max(map(len, group))
            self.cache.read_group(start, stop, width)
            parts.append(self._logits(self._inputs(group, width)))
            start = stop
        self.cache.read_done()
        return torch.cat(parts)

    def _group_end(self, start: int) -> int:
        limit, width, stop = GROUP_TOKENS[self.network.device.type], 0, start
        while stop < len(self.own):
            width = max(width, len(self.own[stop]))
            if stop > start and width * (stop + 1 - start) > limit:
                break
            stop += 1
        return stop

    def _logits(self, inputs: dict[str, Tensor]) -> Tensor:
        speedometer(self.network.device.type).look()
        accepted = {name: tensor for name, tensor in inputs.items() if self._takes(name)}
        last = {"logits_to_keep": 1} if self._takes("logits_to_keep") else {}
        rows, width = inputs["input_ids"].shape
        for begin, end in pieces(width) if rows == 1 else [(0, width)]:
            seen = inputs["attention_mask"].shape[1] - (width - end)
            part = {name: tensor[:, :seen] if name == "attention_mask" else tensor[:, begin:end]
                    for name, tensor in accepted.items()}  # fmt: skip
            with self.prefix.attending() if self.prefix else nullcontext():
                output = self.network(**part, **last, past_key_values=self.cache, use_cache=True)
        logits: Tensor = output.logits[:, -1]
        return logits

    def _takes(self, name: str) -> bool:
        """Whether the network has this argument; some count places themselves (Bloom, MPT)."""
        return name in _arguments(inner(self.network).forward.__func__)

    def read_and_go_on(self, tokens: Sequence[int]) -> list[Tensor]:
        """Logits (rows, vocabulary) after the prompts, and after one more token each."""
        first = self.read(1)
        return [first, self._next(tokens, *self._after_prompts())]

    def _after_prompts(self) -> tuple[Tensor, Tensor]:
        """Mask of what the rows have read, and the place of each row's last token."""
        inputs = self._inputs(self.own, self.width)
        return inputs["attention_mask"], inputs["position_ids"][:, -1:]

    def _next(self, tokens: Sequence[int], mask: Tensor, places: Tensor) -> Tensor:
        """Logits after one more token in each row."""
        mask = torch.nn.functional.pad(mask, (0, 1), value=1)
        ids = torch.tensor(list(tokens), device=mask.device).unsqueeze(1)
        return self._logits({"input_ids": ids, "attention_mask": mask, "position_ids": places + 1})

    def answer(
        self,
        sampling: Sampling,
        seeds: Sequence[int],
        has_ended: Callable[[list[int]], bool],
        on_token: OnToken | None = None,
        refusal: Refusal | None = None,
    ) -> list[list[int]]:
        """Token ids written for each prompt, the one that ended it included.

        Args:
            refusal: the decision whether to answer at all, where there is one.
        """
        chooser = Chooser(sampling, seeds)
        logits = self.read(sampling.max_new_tokens)
        mask, places = self._after_prompts()
        written: list[list[int]] = [[] for _ in self.own]
        alive = list(range(len(self.own)))  # the row that each line of the tensors belongs to
        finished: set[int] = set()
        while True:
            if refusal:
                logits = refusal.steer(logits, alive, written)
            histories = [[*self._all(row), *written[row]] for row in alive] if chooser.looks_back else []
            tokens = chooser.choose(logits, alive, histories)
            for row, token in zip(alive, tokens, strict=True):
                if row not in finished:
                    written[row].append(token)
                    left = on_token and on_token(row, token)
                    if left or len(written[row]) == sampling.max_new_tokens or has_ended(written[row]):
                        finished.add(row)
            if len(finished) == len(self.own):
                return written
            gone = sum(row in finished for row in alive)
            if self.can_leave and gone * _LEAVE >= len(alive):
                lines = [line for line, row in enumerate(alive) if row not in finished]
                keep = torch.tensor(lines, device=mask.device)
                self.cache.keep(keep)
                mask, places = mask[keep], places[keep]
                alive, tokens = [alive[line] for line in lines], [tokens[line] for line in lines]
            logits = self._next(tokens, mask, places)
            mask, places = torch.nn.functional.pad(mask, (0, 1), value=1), places + 1

    def _all(self, row: int) -> list[int]:
        return [*(self.prefix.token_ids if self.prefix else ()), *self.own[row]]
