"""The shared prefixes that were read last, so that the next batch does not read them again."""

from collections.abc import Sequence
from typing import Any

from model.decoding.prefix import SharedPrefix

KEPT = 2  # shared prefixes of the last methods, the injected corpus being by far the largest


class PrefixMemory:
    """Prefixes by adapter and token ids; the oldest makes room."""

    def __init__(self, network: Any) -> None:
        self.network, self.kept = network, KEPT
        self._prefixes: dict[tuple[str, tuple[int, ...]], SharedPrefix] = {}

    def __len__(self) -> int:
        return len(self._prefixes)

    def read(self, token_ids: Sequence[int], adapter: str) -> SharedPrefix:
        """Keys and values of `token_ids`, as kept, as the beginning of a longer prefix, or by one forward pass.

        A batch can share one token less than the prefix, where a question's first letter joins the token before it.

        Args:
            adapter: the one that is switched on; another has other keys and values.
        """
        key = (adapter, tuple(token_ids))
        for (other, longer), known in self._prefixes.items():
            if other == adapter and longer[: len(key[1])] == key[1]:
                return known.first(len(key[1]))
        while len(self._prefixes) >= self.kept:
            self._prefixes.pop(next(iter(self._prefixes)))
        prefix = self._prefixes[key] = SharedPrefix.read(self.network, token_ids)
        return prefix

    def forget(self) -> None:
        """Drop every prefix."""
        self._prefixes.clear()
