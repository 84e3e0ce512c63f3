"""Whether a network may read what prompts share once: tried on the network itself, never taken from its name.

A few tokens are read as transformers reads them, alone and without a cache, and as this package does: behind a shared
prefix, in rows of different lengths, and one token further. Logits that differ by more than rounding switch off what
makes them differ. An architecture whose attention this package does not know answers slower, never wrongly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from model.decoding.attention import ATTENTION
from model.decoding.packed import PackedRows
from model.decoding.prefix import SharedPrefix, can_share
from model.decoding.rows import Rows

_SHARED, _OWN = 5, (4, 2)  # tokens of the prefix, and of each row after it
_ROUNDING = {torch.float32: 2e-3}  # of the logits' standard deviation
_HALF_ROUNDING = 0.2  # bfloat16 keeps 8 bits, and layers add up


@dataclass(frozen=True)
class Ways:
    """How prompts may be read."""

    shares: bool  # behind one copy of what they share
    pads: bool  # in rows of different lengths, filled up
    reason: str = ""  # for people; empty where both may be

    @property
    def note(self) -> str:
        """What a user should know; empty where there is nothing to say."""
        if self.shares or not self.reason:
            return ""
        how = "each prompt is read as a whole" + ("" if self.pads else ", one at a time")
        return f"this model answers slower than it could: {how}, because {self.reason}"


class Unreadable(Exception):
    """Not even one prompt alone can be read as transformers reads it."""


def prove(network: Any, pad: int = 0) -> Ways:
    """Try the ways to read prompts on a few tokens, fastest first; sets the network's attention to suit.

    Raises:
        Unreadable: no way gives what transformers gives.
    """
    prompts = _prompts(network)
    with torch.inference_mode():
        expected = [_plain(network, [*prompt, prompt[0]]) for prompt in prompts]  # each prompt and one token more
        own_attention = network.config._attn_implementation
        if not can_share(network.config):
            reason = "some of its layers do not keep all that they read"
        elif not (reason := _differs(network, prompts, expected, pad, shared=_SHARED)):
            return Ways(shares=True, pads=True)
        if network.config._attn_implementation != own_attention:
            network.set_attn_implementation(own_attention)
        if not (padded := _differs(network, prompts, expected, pad, shared=0)):
            return Ways(shares=False, pads=True, reason=reason)
        for prompt, logits in zip(prompts, expected, strict=True):
            if alone := _differs(network, [prompt], [logits], pad, shared=0):
                raise Unreadable(alone)
        return Ways(shares=False, pads=False, reason=padded)


def _prompts(network: Any) -> list[list[int]]:
    """Rows of different lengths with a common beginning, of tokens that are spread over the vocabulary."""
    size = int(network.get_input_embeddings().weight.shape[0])
    draw = torch.Generator().manual_seed(0)
    ids = torch.randint(size, (_SHARED + sum(_OWN),), generator=draw).tolist()
    begun = ids[:_SHARED]
    return [[*begun, *ids[_SHARED : _SHARED + _OWN[0]]], [*begun, *ids[_SHARED + _OWN[0] :]]]


def _plain(network: Any, ids: Sequence[int]) -> Tensor:
    """Logits (2, vocabulary) after the tokens but the last, and after all, as transformers computes them."""
    logits = network(input_ids=torch.tensor([list(ids)], device=network.device), use_cache=False).logits[0, -2:]
    last: Tensor = logits.float().cpu()
    return last


def _packed(network: Any, prompts: Sequence[list[int]], shared: int) -> Tensor:
    """Logits (rows, vocabulary) after the prompts, read as training reads them."""
    rows = [prompt[shared:] for prompt in prompts]
    packed = PackedRows(prompts[0][:shared], rows, network.device)
    with packed.attending():
        logits = network(
            input_ids=packed.token_ids, position_ids=packed.position_ids, attention_mask=packed.unused_mask,
            use_cache=False,
        ).logits[0]  # fmt: skip
    ends = [shared - 1 + end for end in accumulate(map(len, rows))]
    found: Tensor = logits[ends].float().cpu()
    return found


def _differs(network: Any, prompts: Sequence[list[int]], expected: Sequence[Tensor], pad: int, shared: int) -> str:
    """Why this way of reading cannot be used; empty where it gives the expected logits."""
    try:
        if shared:
            network.set_attn_implementation(ATTENTION)
        prefix = SharedPrefix.read(network, prompts[0][:shared]) if shared else None
        rows = Rows(network, prompts, prefix, can_leave=bool(shared), pad=pad)
        found = torch.stack(rows.read_and_go_on([prompt[0] for prompt in prompts]), dim=1).float().cpu()
        packed = _packed(network, prompts, shared) if shared else None
    except Exception as error:  # an architecture's own code: it may refuse in any way
        return f"the attention of {network.config.model_type} cannot do that ({type(error).__name__})"
    wanted = torch.stack(list(expected))
    limit = _ROUNDING.get(network.dtype, _HALF_ROUNDING) * float(wanted.std())
    differences = [found - wanted] if packed is None else [found - wanted, packed - wanted[:, 0]]
    if not all(float(part.abs().max()) <= limit for part in differences):  # a number that is none is not small either
        return f"the attention of {network.config.model_type} gives other numbers that way"
    return ""
