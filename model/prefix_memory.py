"""The shared prefixes that were read last, so that the next batch does not read them again."""

from collections.abc import Sequence
from typing import Any

from model.decoding.prefix import SharedPrefix
from model.memory import memory_for

SHORT = 512  # tokens; what the prompts of most methods share. The injected corpus is a hundred times longer
KEPT_LONG, KEPT_SHORT = 2, 32
_REMEDY = "Give inject less with --inject-tokens, or leave it out of --methods."


class PrefixMemory:
    """Prefixes by adapter and token ids; the oldest of its kind makes room, short ones for short ones alone."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self._prefixes: dict[tuple[str, tuple[int, ...]], SharedPrefix] = {}

    def __len__(self) -> int:
        return len(self._prefixes)

    def read(self, token_ids: Sequence[int], adapter: str, behind: SharedPrefix | None = None) -> SharedPrefix:
        """Keys and values of `token_ids`, as kept, as the beginning of a longer prefix, or by one forward pass.

        A batch can share one token less than the prefix, where a question's first letter joins the token before it.

        Args:
            adapter: the one that is switched on; another has other keys and values.
            behind: what stands before the first token, the same whenever this adapter is switched on.
        """
        key = (adapter, tuple(token_ids))
        for (other, longer), known in self._prefixes.items():
            if other == adapter and longer[: len(key[1])] == key[1]:
                return known.first(len(key[1]))
        self._make_room(len(token_ids) > SHORT)
        with memory_for(f"a prompt of {len(token_ids):,} tokens", _REMEDY):
            prefix = self._prefixes[key] = SharedPrefix.read(self.network, token_ids, behind)
        return prefix

    def _make_room(self, long: bool) -> None:
        alike = [known for known in self._prefixes if (len(known[1]) > SHORT) == long]
        for known in alike[: len(alike) + 1 - (KEPT_LONG if long else KEPT_SHORT)]:
            del self._prefixes[known]

    def forget(self) -> None:
        """Drop every prefix."""
        self._prefixes.clear()
