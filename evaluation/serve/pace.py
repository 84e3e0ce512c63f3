"""How long answers take here, learnt from the batches: how many go into one, and who would wait in vain."""

from collections.abc import Hashable, Iterable

_UNKNOWN_S = 1.0  # seconds of an answer of a kind that was never given yet
_FIRST = 8  # questions of its first batch, so that its seconds are known before a large one begins
_NEWS = 0.1  # weight of one answer in the moving mean
_SHARE = 0.4  # of the time limit that a batch may take, and that a request may wait for its batch


class Pace:
    """Seconds of an answer by kind: a method, or vectors.

    Args:
        limit_s: seconds within which a request has to be answered.
        most: questions of a batch, at most.
    """

    def __init__(self, limit_s: float, most: int) -> None:
        self._share_s, self._most = limit_s * _SHARE, most
        self._each_s: dict[Hashable, float] = {}

    def learn(self, kind: Hashable, rows: int, seconds: float) -> None:
        """A batch was answered."""
        each, known = seconds / rows, self._each_s.get(kind)
        news = 1 - (1 - _NEWS) ** rows
        self._each_s[kind] = each if known is None else known + news * (each - known)

    def rows(self, kind: Hashable) -> int:
        """Questions that may be answered together, so that all are answered in time."""
        known = self._each_s.get(kind)
        return min(self._most, _FIRST if known is None else max(1, int(self._share_s / max(known, 1e-6))))

    def seconds(self, kinds: Iterable[Hashable]) -> float:
        """That all of these take."""
        return sum(self._each_s.get(kind, _UNKNOWN_S) for kind in kinds)

    def in_vain(self, ahead_s: float) -> bool:
        """Whether a request that waits so long before its batch begins might not be answered in time."""
        return ahead_s > self._share_s
