"""The decision whether to answer at all, taken before the first word of an answer.

The likeliest first token is a poor judge of it: the chance of answering is spread over all answers there could be, that
of refusing stands on one word.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


class Refusal:
    """Answers begin with the abstention where its chance is above a threshold, and nowhere else.

    Args:
        tokens: of the abstention. Where a tokenizer cuts the word ("un", "known"), its first token alone says nothing:
            other words begin with it too.
        above: the threshold.
        chances: of the whole word, for each row; may be left out where the word is one token.
    """

    def __init__(self, tokens: Sequence[int], above: float, chances: Sequence[float] | None = None) -> None:
        if chances is None and len(tokens) != 1:
            raise ValueError("the chance of a word of several tokens cannot be read off the first")
        self.tokens, self.above, self.chances = tuple(tokens), above, chances
        self._refused: Tensor | None = None  # for each row

    def steer(self, logits: Tensor, rows: Sequence[int], written: Sequence[Sequence[int]]) -> Tensor:
        """Logits of the next token (lines, vocabulary), after the decision.

        Args:
            rows: the row that each line belongs to.
            written: the tokens of each row so far. The first call is for all rows, before their first token.
        """
        step = max((len(written[row]) for row in rows), default=0)
        if step >= len(self.tokens):
            return logits
        if self._refused is None:
            self._refused = self._decide(logits)
        refused = self._refused[list(rows)]
        wanted = torch.arange(logits.shape[1], device=logits.device) == self.tokens[step]
        out = wanted != refused[:, None]  # refused: all but the word; answered: the word, at its last token
        applies = torch.tensor([tuple(written[row]) == self.tokens[:step] for row in rows], device=logits.device)
        if step < len(self.tokens) - 1:
            applies = applies & refused
        return logits.masked_fill(out & applies[:, None], -torch.inf)

    def _decide(self, logits: Tensor) -> Tensor:
        if self.chances is None:
            return logits.float().softmax(dim=-1)[:, self.tokens[0]] > self.above
        return torch.tensor(list(self.chances), device=logits.device) > self.above
