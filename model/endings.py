"""Where an answer ends, and its text up to there."""

from collections.abc import Sequence
from typing import Any

from data.errors import TriviumError


class Endings:
    """The ends that a tokenizer and a network's generation config name.

    Raises:
        TriviumError: what the config names is no token.
    """

    def __init__(self, tokenizer: Any, network: Any) -> None:
        self.tokenizer = tokenizer
        ends = network.generation_config.eos_token_id
        known = ends if isinstance(ends, list) else [ends]
        found = [token for token in (*known, tokenizer.eos_token_id) if token is not None]
        if not all(isinstance(token, int) for token in found):
            raise TriviumError(f"generation_config.json: eos_token_id {ends} is neither a token nor a list of tokens.")
        self.tokens = frozenset(found)

    @property
    def pad(self) -> int:
        """Token id for columns that no row sees; any will do."""
        pad = self.tokenizer.pad_token_id
        return min(self.tokens, default=0) if pad is None else int(pad)

    def has_ended(self, ids: list[int], stop: Sequence[str]) -> bool:
        """Whether an answer ends with the last of these tokens."""
        if ids[-1] in self.tokens:
            return True
        text = self.tokenizer.decode(ids, skip_special_tokens=True) if stop else ""
        return any(mark in text for mark in stop)

    def text(self, ids: list[int], stop: Sequence[str]) -> str:
        """An answer's text before the first stop sequence."""
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        for mark in stop:
            text = text.partition(mark)[0]
        return text.strip()
